// The data of the report: the summary at once, the index when the file is read, blocks of lines on demand.

/** The summary, with what every part of the page needs to look up. */
function readSummary() {
  const summary = JSON.parse(document.getElementById("summary").textContent);
  summary.variants.forEach((variant, place) => {
    variant.place = place;
    variant.letter = letter(place);
  });
  summary.baselinePlace = summary.variants.findIndex((variant) => variant.baseline);
  summary.variantByID = new Map(summary.variants.map((variant) => [variant.id, variant]));
  summary.primary = summary.metrics.find((metric) => metric.primary) ?? summary.metrics[0];
  for (const metric of summary.metrics) {
    const widths = [];
    for (const variant of summary.variants) {
      const value = variant.metrics[metric.name];
      if (value && isNumber(value.low) && isNumber(value.high)) widths.push(value.high - value.low);
    }
    widths.sort((a, b) => a - b);
    metric.digits = widths.length ? digitsForWidth(widths[widths.length >> 1]) : 3;
    metric.sign = metric.direction === "lower" ? -1 : 1;
  }
  return summary;
}

const statusOf = { c: "completed", f: "failed", x: "canceled", m: "missing" };

/** One row of numbers per line, read from the index blocks; the lines themselves stay unparsed text. */
class Index {
  constructor(summary) {
    const width = summary.variants.length;
    const rows = [];
    for (const node of document.querySelectorAll("script.index")) {
      for (const row of JSON.parse(node.textContent)) rows.push(row);
      node.remove();
    }
    this.width = width;
    this.count = rows.length;
    this.dataset = new Uint16Array(rows.length);
    this.line = new Float64Array(rows.length);
    this.repetition = new Uint32Array(rows.length);
    this.status = new Array(rows.length);
    this.cluster = new Array(rows.length);
    this.preview = new Array(rows.length);
    this.score = new Float64Array(rows.length * width).fill(NaN);
    this.latency = new Float64Array(rows.length * width).fill(NaN);
    rows.forEach(([dataset, line, repetition, cluster, preview, status, scores, latencies], place) => {
      this.dataset[place] = dataset;
      this.line[place] = line;
      this.repetition[place] = repetition;
      this.cluster[place] = cluster;
      this.preview[place] = preview;
      this.status[place] = status;
      for (let v = 0; v < width; v++) {
        if (isNumber(scores[v])) this.score[place * width + v] = scores[v];
        if (isNumber(latencies[v])) this.latency[place * width + v] = latencies[v];
      }
    });
    this.primaryScore = this.score;
  }

  failed(place) { return /[fxm]/.test(this.status[place]); }
}

/** The blocks of lines: parsed when asked for, a few kept. */
class Blocks {
  static kept = 8;

  constructor() {
    this.nodes = [...document.querySelectorAll("script.lines")];
    this.starts = this.nodes.map((node) => Number(node.dataset.from));
    this.cache = new Map();
  }

  /** The number of the block that holds a line. */
  blockOf(place) {
    let low = 0, high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= place) low = middle; else high = middle - 1;
    }
    return low;
  }

  parse(block) { return JSON.parse(this.nodes[block].textContent); }

  line(place) {
    const block = this.blockOf(place);
    let lines = this.cache.get(block);
    if (lines) this.cache.delete(block); else lines = this.parse(block);
    this.cache.set(block, lines);
    if (this.cache.size > Blocks.kept) this.cache.delete(this.cache.keys().next().value);
    return lines[place - this.starts[block]];
  }

  /**
   * Visits every line in the idle time of the page, one block at a time, and keeps nothing.
   * `progress` gets the share done after each block. Returns a function that stops the scan.
   */
  scan(visit, progress) {
    let block = 0, stopped = false;
    const idle = window.requestIdleCallback ?? ((call) => setTimeout(call, 0));
    const step = (deadline) => {
      if (stopped) return;
      do {
        if (block >= this.nodes.length) break;
        const lines = this.cache.get(block) ?? this.parse(block);
        lines.forEach((line, offset) => visit(line, this.starts[block] + offset));
        block += 1;
      } while (deadline && deadline.timeRemaining() > 25);
      progress(this.nodes.length ? block / this.nodes.length : 1);
      if (block < this.nodes.length) idle(step, { timeout: 200 });
    };
    idle(step, { timeout: 50 });
    return () => { stopped = true; };
  }
}

/** Every text of a line that a search looks through: inputs, expected answer, outputs, errors. */
function searchableText(line) {
  const parts = [];
  const collect = (value) => {
    if (typeof value === "string") {
      if (!isImage(value)) parts.push(value);
    } else if (Array.isArray(value)) {
      value.forEach(collect);
    } else if (value !== null && typeof value === "object") {
      for (const key of Object.keys(value)) collect(value[key]);
    } else if (value !== null && value !== undefined) {
      parts.push(String(value));
    }
  };
  collect(line.inputs);
  collect(line.expected);
  collect(line.cluster);
  for (const result of line.results) {
    collect(result.outputs);
    if (result.error) collect([result.error.code, result.error.message]);
  }
  return parts.join("\n").toLowerCase();
}

const imageForm = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;
const isImage = (value) => typeof value === "string" && value.startsWith("data:image/") && imageForm.test(value);
