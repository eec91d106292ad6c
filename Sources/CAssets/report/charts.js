// The two plots: quality against cost, and latency. Drawn by Chart.js without animation.

const shapes = ["circle", "rect", "triangle", "rectRot", "star", "crossRot", "rectRounded", "cross"];
const charts = [];

function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    text: get("--text"), muted: get("--muted"), line: get("--line"), panel: get("--page"),
    variants: Array.from({ length: 8 }, (_, place) => get(`--v${place}`)),
  };
}

/** What stands on the x axis: cost where it is known and not all zero, else tokens. */
function expense(summary) {
  const perThousand = (variant) => {
    const cost = variant.usage.cost_nano_usd;
    return isNumber(cost) && variant.lines ? (cost / variant.lines) * 1000 : null;
  };
  if (summary.variants.some((variant) => perThousand(variant) > 0)) {
    return { title: "Cost per 1,000 lines", value: perThousand, text: money, noun: "cost" };
  }
  const tokens = (variant) => variant.lines
    ? (variant.usage.input_tokens + variant.usage.output_tokens) / variant.lines : null;
  return { title: "Tokens per line", value: tokens, text: (value) => significant(value), noun: "tokens" };
}

/** Draws what Chart.js has no kind for: intervals through the points, letters beside them, the best line. */
const qualityMarks = {
  id: "qualityMarks",
  beforeDatasetsDraw(chart, _, { points, front, palette }) {
    const { ctx, scales: { x, y }, chartArea } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    ctx.strokeStyle = palette.muted;
    ctx.globalAlpha = 0.55;
    ctx.setLineDash([3, 4]);
    ctx.beginPath();
    front.forEach((point, place) => {
      const px = x.getPixelForValue(point.x), py = y.getPixelForValue(point.y);
      if (place === 0) { ctx.moveTo(px, py); return; }
      ctx.lineTo(px, y.getPixelForValue(front[place - 1].y));
      ctx.lineTo(px, py);
    });
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
    for (const point of points) {
      if (!isNumber(point.low) || !isNumber(point.high)) continue;
      const px = x.getPixelForValue(point.x);
      ctx.strokeStyle = palette.variants[point.variant.place % 8];
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.moveTo(px, y.getPixelForValue(point.low));
      ctx.lineTo(px, y.getPixelForValue(point.high));
      ctx.stroke();
    }
    ctx.restore();
  },
  afterDatasetsDraw(chart, _, { points, palette }) {
    const { ctx, scales: { x, y } } = chart;
    ctx.save();
    ctx.fillStyle = palette.text;
    ctx.font = `600 12px ${Chart.defaults.font.family}`;
    for (const point of points) {
      ctx.fillText(point.variant.letter, x.getPixelForValue(point.x) + 9, y.getPixelForValue(point.y) - 7);
    }
    ctx.restore();
  },
};

function qualityChart(summary, canvas, palette) {
  const axis = expense(summary), metric = summary.primary;
  const points = summary.variants
    .map((variant) => ({ variant, x: axis.value(variant), ...variant.metrics[metric.name] }))
    .filter((point) => isNumber(point.x) && isNumber(point.mean)).map((point) => ({ ...point, y: point.mean }));
  const front = [];
  for (const point of [...points].sort((a, b) => a.x - b.x || metric.sign * (b.y - a.y))) {
    if (!front.length || metric.sign * (point.y - front[front.length - 1].y) > 0) front.push(point);
  }
  const xs = points.map((point) => point.x), ys = scaleOf(points.flatMap((point) => [point.low, point.high, point.y]));
  const most = Math.max(...xs), least = Math.min(...xs), isWide = least > 0 && most / least > 100;
  const datasets = points.map((point) => ({
    label: `${point.variant.letter}  ${point.variant.label}`, data: [{ x: point.x, y: point.y }],
    pointStyle: shapes[point.variant.place % 8], pointRadius: 6, pointHoverRadius: 7, pointBorderWidth: 2,
    backgroundColor: palette.variants[point.variant.place % 8], borderColor: palette.variants[point.variant.place % 8],
  }));
  return new Chart(canvas, {
    type: "scatter", data: { datasets }, plugins: [qualityMarks],
    options: {
      scales: {
        x: {
          ...axisStyle(palette, axis.title, axis.text), type: isWide ? "logarithmic" : "linear",
          min: isWide ? least / 1.6 : 0,
          [isWide ? "max" : "suggestedMax"]: isWide ? most * 1.6 : most * 1.1 || 1,
        },
        y: { ...axisStyle(palette, metricTitle(metric.name), (value) => significant(value)), min: ys[0], max: ys[1] },
      },
      plugins: {
        qualityMarks: { points, front, palette },
        tooltip: { ...tooltipStyle(palette), callbacks: { label: ({ datasetIndex }) => {
          const point = points[datasetIndex];
          return [datasets[datasetIndex].label, `${metricTitle(metric.name)} ${decimal(point.y, metric.digits)}`
            + (isNumber(point.low) ? ` (${interval(point.low, point.high, metric.digits)})` : ""),
          `${axis.title.toLowerCase()} ${axis.text(point.x)}`];
        } } },
      },
    },
  });
}

/** A dot at the mean of each bar from the median to the 95th percentile. */
const latencyMarks = {
  id: "latencyMarks",
  afterDatasetsDraw(chart, _, { variants, palette }) {
    const { ctx, scales: { x, y } } = chart;
    ctx.save();
    variants.forEach((variant, row) => {
      const px = x.getPixelForValue(variant.latency_ms.mean), py = y.getPixelForValue(row);
      ctx.beginPath();
      ctx.arc(px, py, 4, 0, 2 * Math.PI);
      ctx.fillStyle = palette.panel;
      ctx.strokeStyle = palette.text;
      ctx.lineWidth = 1.5;
      ctx.fill();
      ctx.stroke();
    });
    ctx.restore();
  },
};

function latencyChart(summary, canvas, palette) {
  const variants = summary.variants.filter(({ latency_ms: latency }) => isNumber(latency.p50) && isNumber(latency.p95));
  const longest = 26;
  const names = variants.map(({ letter, label }) =>
    `${letter}  ${label.length > longest ? label.slice(0, longest - 1) + "…" : label}`);
  const isNarrow = canvas.parentElement.clientWidth < 460;
  return new Chart(canvas, {
    type: "bar", plugins: [latencyMarks],
    data: { labels: isNarrow ? variants.map(({ letter }) => letter) : names, datasets: [{
      data: variants.map((variant) => [variant.latency_ms.p50, variant.latency_ms.p95]), minBarLength: 3,
      backgroundColor: variants.map((variant) => palette.variants[variant.place % 8]),
      borderRadius: 3, borderSkipped: false, maxBarThickness: 14,
    }] },
    options: {
      indexAxis: "y",
      scales: {
        x: { ...axisStyle(palette, "Latency of a line", duration), min: 0 },
        y: { grid: { display: false }, ticks: { color: palette.text } },
      },
      plugins: {
        latencyMarks: { variants, palette },
        tooltip: { ...tooltipStyle(palette), callbacks: {
          title: ([item]) => names[item.dataIndex],
          label: ({ dataIndex }) => {
            const { p50, p95, mean } = variants[dataIndex].latency_ms;
            return [`median ${duration(p50)}`, `mean ${duration(mean)}`, `95th percentile ${duration(p95)}`];
          },
        } },
      },
    },
  });
}

const axisStyle = (palette, title, word) => ({
  grid: { color: palette.line, drawBorder: false, tickLength: 6 },
  title: { display: true, text: title, color: palette.muted, font: { size: 12 } },
  ticks: {
    color: palette.muted, maxTicksLimit: 6, maxRotation: 0, includeBounds: false, callback: (value) => word(value),
  },
});
const tooltipStyle = (palette) => ({
  backgroundColor: palette.text, titleColor: palette.panel, bodyColor: palette.panel, displayColors: false, padding: 10,
});

function drawCharts(summary) {
  Object.assign(Chart.defaults, { animation: false, responsive: true, maintainAspectRatio: false });
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.plugins.legend.display = false;
  const axis = expense(summary), primary = summary.primary;
  const figures = [];
  if (primary) {
    const unknown = summary.variants.filter((variant) =>
      !isNumber(axis.value(variant)) || !isNumber(variant.metrics[primary.name]?.mean));
    const letters = unknown.map((variant) => variant.letter).join(", ");
    const where = primary.direction === "lower" ? "Down and left is better" : "Up and left is better";
    figures.push({
      title: `Quality against ${axis.noun}`, draw: qualityChart,
      note: `${where}; the dashed line joins the variants that no other beats on both.`
        + (axis.noun === "tokens" ? " No cost is known or charged, so tokens stand in for it." : "")
        + (unknown.length ? ` Not shown, because the ${axis.noun} or score is unknown: ${letters}.` : ""),
      isEmpty: unknown.length === summary.variants.length,
    });
  }
  figures.push({
    title: "Latency", draw: latencyChart, note: "Bars run from the median to the 95th percentile; the dot is the mean.",
    isEmpty: !summary.variants.some((variant) => isNumber(variant.latency_ms.p50)),
  });
  const shown = figures.filter((figure) => !figure.isEmpty);
  const section = document.getElementById("plots");
  section.hidden = !shown.length;
  for (const figure of shown) {
    const label = `${figure.title}. ${figure.note} The numbers are in the table of variants.`;
    const canvas = make("canvas", { role: "img", "aria-label": label });
    section.append(make("figure", null, make("h2", { text: figure.title }), make("div", { class: "plot" }, canvas),
      make("figcaption", { class: "note", text: figure.note })));
    charts.push({ figure, canvas, chart: null });
  }
  redrawCharts(summary);
}

/** Draws the plots anew in the colours of the theme in force. */
function redrawCharts(summary) {
  const palette = colours();
  for (const item of charts) {
    item.chart?.destroy();
    item.chart = item.figure.draw(summary, item.canvas, palette);
  }
}
