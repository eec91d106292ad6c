// Which lines are shown and in what order: worked out on the numbers of the index alone.

const showChoices = [
  ["all", "All lines"], ["failed", "Failed"], ["disagree", "Variants disagree"],
  ["better", "Better than baseline"], ["worse", "Worse than baseline"], ["unscored", "Without a score"],
];
const orderChoices = [
  ["line", "Line"], ["change", "Change from baseline"], ["spread", "Spread of scores"], ["latency", "Slowest variant"],
];

/** Differences smaller than this are rounding. */
const tinyGain = 1e-9;

class LineSelection {
  constructor(summary, index) {
    Object.assign(this, { summary, index });
    this.metric = summary.primary;
    this.state = {
      query: "", dataset: "", show: "all", variant: "", cluster: null, order: "line", descending: false,
    };
    /** For each line 1 if the search found it; `null` while nothing is searched. */
    this.found = null;
  }

  get isFiltered() {
    const { state } = this;
    return Boolean(state.query || state.show !== "all" || state.dataset || state.cluster !== null);
  }

  value(place, variant) { return this.index.score[place * this.index.width + variant]; }

  /** The score of a variant minus the baseline's, positive where it is better; NaN where there is none. */
  gain(place, variant) {
    const base = this.summary.baselinePlace;
    if (base < 0 || base === variant) return NaN;
    return this.metric.sign * (this.value(place, variant) - this.value(place, base));
  }

  spread(place) {
    let low = Infinity, high = -Infinity;
    for (let v = 0; v < this.index.width; v++) {
      const score = this.value(place, v);
      if (score < low) low = score;
      if (score > high) high = score;
    }
    return high > low ? high - low : 0;
  }

  /** The widest gain or loss among the chosen variants, with its sign. */
  change(place) {
    let widest = 0;
    for (const v of this.chosen()) {
      const gain = this.gain(place, v);
      if (Math.abs(gain) > Math.abs(widest)) widest = gain;
    }
    return widest;
  }

  chosen() {
    if (this.state.variant !== "") return [Number(this.state.variant)];
    return this.summary.variants.map((variant) => variant.place);
  }

  keeps() {
    const { index, state, found } = this, chosen = this.chosen(), tiny = tinyGain;
    const dataset = state.dataset === "" ? -1 : Number(state.dataset);
    const tests = {
      all: () => true,
      failed: (place) => chosen.some((v) => index.status[place][v] !== "c"),
      unscored: (place) => chosen.some((v) => Number.isNaN(this.value(place, v))),
      better: (place) => chosen.some((v) => this.gain(place, v) > tiny),
      worse: (place) => chosen.some((v) => this.gain(place, v) < -tiny),
      disagree: (place) => new Set(index.status[place]).size > 1 || this.spread(place) >= this.halfRange,
    };
    if (state.show === "disagree") this.halfRange = Math.max(tiny, this.range() / 2);
    const test = tests[state.show];
    return (place) => (dataset < 0 || index.dataset[place] === dataset) && (!found || found[place] === 1)
      && (state.cluster === null || index.cluster[place] === state.cluster) && test(place);
  }

  range() {
    let low = Infinity, high = -Infinity;
    for (const score of this.index.score) {
      if (score < low) low = score;
      if (score > high) high = score;
    }
    return high > low ? high - low : 0;
  }

  sortKey() {
    const { index, state } = this, width = index.width;
    switch (state.order) {
      case "line": return null;
      case "change": return (place) => (this.state.variant === "" ? Math.abs(this.change(place)) : this.change(place));
      case "spread": return (place) => this.spread(place);
      case "latency": return (place) => {
        let most = NaN;
        for (const v of this.chosen()) {
          const value = index.latency[place * width + v];
          if (!(most >= value)) most = value;
        }
        return most;
      };
      default: {
        const variant = Number(state.order.slice(1));
        return (place) => this.value(place, variant);
      }
    }
  }

  /** The positions of the lines that are shown, in their order. */
  places() {
    const { index, state } = this, keeps = this.keeps(), key = this.sortKey();
    const places = [];
    for (let place = 0; place < index.count; place++) if (keeps(place)) places.push(place);
    const way = state.descending ? -1 : 1;
    if (key) {
      const keys = new Float64Array(index.count);
      for (const place of places) keys[place] = key(place);
      // Lines without a value stand last either way.
      places.sort((a, b) => {
        const x = keys[a], y = keys[b];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || a - b;
        return way * (x - y) || a - b;
      });
    } else if (state.descending) {
      places.reverse();
    }
    return Uint32Array.from(places);
  }

  /** Whether every score is a whole number. */
  get isWhole() { return this.index.score.every((score) => Number.isNaN(score) || Number.isInteger(score)); }
}
