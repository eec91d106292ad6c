// The part of the page that reads like a paper: verdict, tables, gate, provenance.

/** The letter of a variant in its colour; the colour is never the only mark. */
function badge(variant) {
  return make("span", { class: `badge v${variant.place % 8}`, text: variant.letter, "aria-hidden": "true" });
}

function variantName(variant) {
  return make("span", { class: "variant-name" }, badge(variant), make("span", { text: variant.label }),
    variant.baseline ? make("span", { class: "tag", text: "baseline" }) : null);
}

/** A word of decision with its sign. */
function decisionMark(decision) {
  const word = words[decision] ?? { sign: "○", text: String(decision) };
  const sign = make("span", { "aria-hidden": "true", text: word.sign + " " });
  return make("span", { class: `mark ${decision}` }, sign, word.text);
}

/** A table inside a box that scrolls sideways by itself and can be focused to do so by keyboard. */
function tableBox(label, head, rows, className = "") {
  return make("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": label },
    make("table", { class: className }, make("thead", null, make("tr", null, head)), make("tbody", null, rows)));
}

const heading = (text, attributes) => make("th", { scope: "col", text, ...attributes });
const cell = (text, className) => make("td", { class: className, text });

/** An interval as a bar: the range, its middle and, where given, a reference line. Units are those of `scale`. */
function intervalBar(scale, low, high, middle, reference, className) {
  const width = 120, place = (value) => ((value - scale[0]) / (scale[1] - scale[0] || 1)) * (width - 12) + 6;
  const parts = [];
  if (isNumber(reference)) {
    parts.push(drawing("line", { class: "reference", x1: place(reference), x2: place(reference), y1: 0, y2: 18 }));
  }
  if (isNumber(low) && isNumber(high)) {
    parts.push(drawing("line", { class: "range", x1: place(low), x2: place(high), y1: 9, y2: 9 }));
  }
  parts.push(drawing("circle", { class: "middle", cx: place(middle), cy: 9, r: 4 }));
  const attributes = { class: `interval ${className}`, viewBox: `0 0 ${width} 18`, "aria-hidden": "true" };
  return drawing("svg", attributes, ...parts);
}

function scaleOf(values) {
  const known = values.filter(isNumber);
  if (!known.length) return [0, 1];
  const low = Math.min(...known), high = Math.max(...known), margin = (high - low) * 0.05 || Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
}

function drawVerdict(summary) {
  const { verdict, experiment, variants } = summary;
  const word = words[verdict.status] ?? words.no_decision;
  const lines = experiment.datasets.reduce((sum, dataset) => sum + dataset.lines, 0);
  const failed = variants.reduce((sum, variant) => sum + variant.failed, 0);
  const runs = variants.reduce((sum, variant) => sum + variant.lines, 0);
  const costs = variants.map((variant) => variant.usage.cost_nano_usd);
  const unknown = costs.filter((cost) => !isNumber(cost)).length;
  const cost = unknown === costs.length ? null : costs.reduce((sum, value) => sum + (isNumber(value) ? value : 0), 0);
  const fact = (name, value, note) => make("div", null, make("dt", { text: name }), make("dd", null, value,
    note ? make("small", { text: note }) : null));
  const { judge, gate } = summary;
  document.getElementById("verdict").append(
    make("p", { class: "kicker" }, summary.title, make("span", { "aria-hidden": "true", text: " · " }),
      make("time", { datetime: summary.created, text: moment(summary.created) })),
    make("div", { class: "verdict-row" },
      make("span", { class: `verdict-sign ${verdict.status}`, "aria-hidden": "true", text: word.sign }),
      make("div", null,
        make("h1", { id: "verdict-headline", text: verdict.headline }),
        make("p", { class: "verdict-marks" },
          make("span", { class: `pill ${verdict.status}`, text: `Verdict: ${word.text}` }),
          gate ? make("a", { class: `pill ${gate.passed ? "better" : "worse"}`, href: "#gate",
            text: gate.passed ? "✓ Gate passed" : "✕ Gate failed" }) : null),
        verdict.sentences.map((sentence) => make("p", { class: "sentence", text: sentence })))),
    make("dl", { class: "facts" },
      fact("Variants", count(variants.length)),
      fact("Lines", count(lines), experiment.repetitions > 1 ? `× ${experiment.repetitions} repetitions` : null),
      fact("Failed", count(failed), `of ${plural(runs, "run")}${failed ? `, ${share(failed, runs)}` : ""}`),
      fact("Model cost", money(cost),
        unknown && cost !== null ? `without ${plural(unknown, "variant")} of unknown cost` : null),
      judge && judge.calls
        ? fact("Judge cost", money(judge.cost_nano_usd), `${plural(judge.calls, "call")}, counted apart`) : null));
}

function drawWarnings(summary) {
  const section = document.getElementById("warnings");
  section.hidden = !summary.warnings.length;
  section.append(make("ul", null, summary.warnings.map((text) => make("li", { text }))));
}

/** The settings in which the variants differ; with one variant, all of them. */
function tellingSettings(summary) {
  const names = [...new Set(summary.variants.flatMap((variant) => Object.keys(variant.settings)))];
  if (summary.variants.length === 1) return names;
  return names.filter((name) => new Set(summary.variants.map((v) => JSON.stringify(v.settings[name]))).size > 1);
}

const plain = (value) => (typeof value === "string" ? value : value === undefined ? "—" : JSON.stringify(value));

function metricCell(summary, metric, variant, scale) {
  const value = variant.metrics[metric.name];
  if (!value || !isNumber(value.mean)) {
    return make("td", { class: "metric" }, make("span", { class: "muted", text: value ? "not scored" : "—" }));
  }
  const baseline = summary.variants[summary.baselinePlace]?.metrics[metric.name]?.mean;
  const digits = metric.digits, hasInterval = isNumber(value.low) && isNumber(value.high);
  const left = value.missing + value.errors;
  return make("td", { class: "metric" },
    make("div", { class: "metric-value" }, make("strong", { text: decimal(value.mean, digits) }),
      hasInterval ? make("span", { class: "muted", text: interval(value.low, value.high, digits) }) : null),
    scale ? intervalBar(scale, value.low, value.high, value.mean, baseline, `v${variant.place % 8}`) : null,
    left ? make("small", { class: "muted", text: [
      value.missing ? `${count(value.missing)} missing` : null,
      value.errors ? `${plural(value.errors, "scoring error")}` : null].filter(Boolean).join(", ") }) : null);
}

function perLine(variant, tokens) {
  return isNumber(tokens) && variant.lines ? significant(tokens / variant.lines) : "unknown";
}

function drawVariants(summary) {
  const { variants, metrics } = summary;
  const ordered = [summary.primary, ...metrics.filter((metric) => metric !== summary.primary)].filter(Boolean);
  const scales = new Map(ordered.slice(0, 4).map((metric) => [metric, scaleOf(variants.flatMap((variant) => {
    const value = variant.metrics[metric.name];
    return value ? [value.mean, value.low, value.high] : [];
  }))]));
  const telling = tellingSettings(summary);
  const head = [heading("Variant", { class: "stick" }), ...ordered.map((metric) => make("th", { scope: "col" },
    metricTitle(metric.name),
    make("small", { text: [metric.unit, metric.direction === "lower" ? "lower is better" : "higher is better"]
      .filter(Boolean).join(", ") }))),
  ...[["Failed"], ["Cost", "per 1,000 lines"], ["Latency", "p50, p95"], ["Tokens per line", "in, out"]].map(
    ([text, note]) =>
      make("th", { scope: "col", class: "number" }, text, note ? make("small", { text: note }) : null))];
  const rows = variants.map((variant) => {
    const cost = variant.usage.cost_nano_usd;
    return make("tr", { class: variant.baseline ? "is-baseline" : null },
      make("th", { scope: "row", class: "stick" }, variantName(variant),
        telling.length ? make("span", { class: "settings" }, telling.map((name) =>
          make("span", null, make("b", { text: name }), " " + plain(variant.settings[name])))) : null),
      ordered.map((metric) => metricCell(summary, metric, variant, scales.get(metric))),
      make("td", { class: "number" }, count(variant.failed),
        variant.failed ? make("small", { text: share(variant.failed, variant.lines) }) : null),
      make("td", { class: "number" },
        isNumber(cost) && variant.lines ? money((cost / variant.lines) * 1000) : "unknown",
        isNumber(cost) && cost ? make("small", { text: money(cost) + " in all" }) : null),
      make("td", { class: "number" }, duration(variant.latency_ms.p50),
        make("small", { text: duration(variant.latency_ms.p95) })),
      make("td", { class: "number" }, perLine(variant, variant.usage.input_tokens),
        make("small", { text: perLine(variant, variant.usage.output_tokens) })));
  });
  document.getElementById("variants").append(
    tableBox("Variants", head, rows, ordered.length > 5 ? "variants is-wide" : "variants"),
    make("p", { class: "note", text: "Bars show the mean with its 95 % confidence interval" +
      (summary.baselinePlace >= 0 && variants.length > 1 ? "; the dashed line is the mean of the baseline." : ".") }));
}

function comparisonTable(summary, metric, comparisons) {
  const scale = scaleOf([0, ...comparisons.flatMap((item) => [item.low, item.high, item.difference])]);
  const head = [heading("Variant", { class: "stick" }), heading("Decision"), heading("Difference", { class: "number" }),
    heading("95 % interval"), heading("p, adjusted", { class: "number" }), heading("Detectable", {
      class: "number", title: "The smallest difference this comparison would find with 80 % power" }),
    heading("Lines", { class: "number" }), heading("In words")];
  const rows = comparisons.map((item) => {
    const variant = summary.variantByID.get(item.variant);
    const digits = isNumber(item.low) && isNumber(item.high) ? digitsForWidth(item.high - item.low) : metric.digits;
    return make("tr", null,
      make("th", { scope: "row", class: "stick" }, variant ? variantName(variant) : item.variant),
      make("td", null, decisionMark(item.decision)),
      make("td", { class: "number" }, make("strong", { text: signed(item.difference, digits) })),
      make("td", { class: "metric" }, isNumber(item.difference)
        ? intervalBar(scale, item.low, item.high, item.difference, 0, item.decision) : null,
      make("span", { class: "muted", text: isNumber(item.low) && isNumber(item.high)
        ? `${signed(item.low, digits)} to ${signed(item.high, digits)}` : "no interval" })),
      make("td", { class: "number", title: `unadjusted: ${probability(item.p)}` }, probability(item.p_adjusted),
        make("small", { text: item.test })),
      cell(isNumber(item.minimum_detectable_effect)
        ? "± " + decimal(item.minimum_detectable_effect, digits) : "—", "number"),
      make("td", { class: "number" }, count(item.n),
        isNumber(item.clusters) && item.clusters !== item.n
          ? make("small", { text: plural(item.clusters, "cluster") }) : null),
      cell(item.sentence, "prose"));
  });
  return tableBox(`Comparison by ${metricTitle(metric.name)}`, head, rows, "comparisons");
}

function drawComparisons(summary) {
  const section = document.getElementById("comparisons");
  if (!summary.comparisons.length) return hideSection("comparisons");
  const baseline = summary.variants[summary.baselinePlace];
  if (baseline) section.append(make("p", { class: "note above" }, "Baseline: ", badge(baseline),
    ` ${baseline.label}. Differences are paired by line: variant minus baseline.`));
  const metrics = [summary.primary, ...summary.metrics.filter((metric) => metric !== summary.primary)];
  for (const metric of metrics) {
    const comparisons = summary.comparisons.filter((item) => item.metric === metric.name);
    if (!comparisons.length) continue;
    const found = ["better", "worse", "no_decision"].map((decision) => [decision,
      comparisons.filter((item) => item.decision === decision).length]).filter(([, number]) => number);
    section.append(make("details", { class: "metric-group", open: metric === summary.primary },
      make("summary", null, make("h3", { text: metricTitle(metric.name) }),
        metric === summary.primary ? make("span", { class: "tag", text: "primary" }) : null,
        make("span", { class: "tally" }, found.map(([decision, number]) => make("span", { class: `mark ${decision}` },
          make("span", { "aria-hidden": "true", text: words[decision].sign }), ` ${number} ${words[decision].text}`)))),
      comparisonTable(summary, metric, comparisons)));
  }
}

function drawGate(summary) {
  const { gate } = summary;
  if (!gate) return hideSection("gate");
  const head = [heading("Result"), heading("Metric"), heading("Variant"), heading("Rule"),
    heading("Value", { class: "number" }), heading("Reason")];
  const rows = gate.rows.map((row) => {
    const variant = summary.variantByID.get(row.variant);
    return make("tr", null,
      make("td", null, row.passed ? make("span", { class: "mark better", text: "✓ passed" })
        : make("span", { class: "mark worse", text: "✕ failed" })),
      make("th", { scope: "row", text: metricTitle(row.metric) }),
      make("td", null, variant ? variantName(variant) : row.variant ?? "—"),
      cell(row.rule), cell(significant(row.value, 4), "number"), cell(row.reason, "prose"));
  });
  const failed = gate.rows.filter((row) => !row.passed).length;
  document.getElementById("gate").append(
    make("p", { class: "gate-line" }, make("span", { class: `pill ${gate.passed ? "better" : "worse"}`,
      text: gate.passed ? "✓ Passed" : "✕ Failed" }),
    failed ? ` ${failed} of ${plural(gate.rows.length, "rule")} failed.`
      : ` All rules hold (${gate.rows.length}).`),
    tableBox("Gate", head, rows, "gate"));
}

function drawProvenance(summary) {
  const { experiment, variants, judge } = summary;
  const digest = (text) => make("code", { class: "digest", text: text ?? "—", title: text });
  const rows = [
    ["Experiment", [experiment.name, " ", digest(experiment.digest)]],
    ...experiment.datasets.map((dataset) =>
      [`Dataset ${dataset.name}`, [plural(dataset.lines, "line"), " ", digest(dataset.digest)]]),
    ["Repetitions", [count(experiment.repetitions)]],
    ["Seed", [make("code", { text: String(experiment.seed) })]],
    ["Made", [`${moment(summary.created)} by Pawang ${summary.pawang_version}`]],
    ["Judge", [judge && judge.calls ? `${plural(judge.calls, "call")}, ${count(judge.input_tokens)} tokens in, `
      + `${count(judge.output_tokens)} out, cost ${money(judge.cost_nano_usd)}; `
      + "not part of the cost of any variant" : "none"]],
  ];
  const names = [...new Set(variants.flatMap((variant) => Object.keys(variant.settings)))];
  const head = [heading("Variant", { class: "stick" }), heading("Identifier"), ...names.map((name) => heading(name)),
    ...["Lines", "Tokens in", "out", "Cost"].map((text) => heading(text, { class: "number" }))];
  document.getElementById("provenance").append(
    make("dl", { class: "pairs" }, rows.map(([name, parts]) => [make("dt", { text: name }), make("dd", null, parts)])),
    tableBox("Settings of the variants", head, variants.map((variant) => make("tr", null,
      make("th", { scope: "row", class: "stick" }, variantName(variant)),
      make("td", null, make("code", { text: variant.id })),
      names.map((name) => cell(plain(variant.settings[name]))), cell(count(variant.lines), "number"),
      cell(count(variant.usage.input_tokens), "number"), cell(count(variant.usage.output_tokens), "number"),
      cell(money(variant.usage.cost_nano_usd), "number"))), "settings-table"));
}

function hideSection(id) {
  document.getElementById(id).hidden = true;
  document.querySelector(`nav a[href="#${id}"]`)?.remove();
}
