// The list of lines: filtered and sorted by the index, drawn only where it is seen.

class LineList {
  static overscan = 6;

  constructor(summary, index, blocks) {
    Object.assign(this, { summary, index, blocks });
    this.selection = new LineSelection(summary, index);
    this.state = this.selection.state;
    this.terms = [];
    this.rows = [];
    this.cursor = 0;
    this.visible = Uint32Array.from({ length: index.count }, (_, place) => place);
    Object.assign(this, { rowHeight: 44, viewHeight: 0, headHeight: 0 });
    this.build();
    this.measure();
    this.apply();
  }

  // Building

  build() {
    const button = (className, text, act) => make("button", { type: "button", class: className, text, onclick: act });
    this.direction = button("quiet direction", "", () => this.sort(this.state.order, !this.state.descending));
    this.clearButton = button("quiet", "Clear filters", () => this.clear());
    this.clusterChip = button("chip", "", () => this.set("cluster", null));
    this.tally = make("p", { class: "tally-line", role: "status" });
    this.progress = make("span", { id: "search-progress", class: "muted" });
    this.search = make("input", {
      type: "search", id: "search", placeholder: "Search inputs and outputs", autocomplete: "off", spellcheck: "false",
      "aria-describedby": "search-progress", oninput: () => this.searchSoon(),
      onkeydown: (event) => {
        if (event.key === "Escape" && !this.search.value) this.focus();
        if (event.key === "Enter" || event.key === "ArrowDown") { event.preventDefault(); this.focus(); }
      },
    });
    const stay = (event) => event.preventDefault();
    document.getElementById("lines").append(
      make("form", { class: "toolbar", role: "search", onsubmit: stay }, this.controls()),
      make("div", { class: "tally-row" }, this.tally, this.progress, this.clusterChip, this.clearButton),
      this.buildGrid());
    this.grid.addEventListener("scroll", () => this.drawSoon(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(this.grid);
  }

  /** The search field and the selects above the list; each select appears only where there is something to select. */
  controls() {
    const { variants, metrics, primary, experiment: { datasets } } = this.summary, several = variants.length > 1;
    const select = (label, choices, change) => {
      const box = make("select", { "aria-label": label, onchange: () => change(box.value) },
        choices.map(([value, text]) => make("option", { value, text })));
      return { box, field: make("label", { class: "field" }, make("span", { text: label }), box) };
    };
    this.filterBoxes = [];
    const filter = (name, label, choices) => {
      const { box, field } = select(label, choices, (value) => this.set(name, value));
      this.filterBoxes.push(box);
      return field;
    };
    const shown = showChoices.filter(([value]) => several || !["disagree", "better", "worse"].includes(value));
    const orders = orderChoices.filter(([value]) => several || value === "line" || value === "latency");
    const byScore = variants.map((variant) => [`v${variant.place}`, `Score of ${variant.letter}`]);
    const order = select("Order by", [...orders, ...byScore],
      (value) => this.sort(value, value !== "line"));
    this.orderBox = order.box;
    const named = (metric) => [metric.name, metricTitle(metric.name)];
    return [
      make("label", { class: "field grow" }, make("span", null, "Search ", make("kbd", { text: "/" })), this.search),
      datasets.length > 1 ? filter("dataset", "Dataset",
        [["", "All datasets"], ...datasets.map(({ name }, place) => [String(place), name])]) : null,
      filter("show", "Show", shown),
      several ? filter("variant", "For", [["", "any variant"],
        ...variants.map(({ place, letter, label }) => [String(place), `${letter}  ${label}`])]) : null,
      metrics.length > 1 ? select("Score", [primary, ...metrics.filter((metric) => metric !== primary)].map(named),
        (name) => this.choose(name)).field : null,
      make("div", { class: "order" }, order.field, this.direction),
    ];
  }

  buildGrid() {
    const { summary, index } = this;
    this.lineHead = this.columnHead("line", "Line", null);
    this.scoreHeads = summary.variants.map((variant) => this.columnHead(`v${variant.place}`, null, variant));
    this.head = make("div", { class: "grid-row grid-head", role: "row", "aria-rowindex": "1" }, this.lineHead,
      make("div", { role: "columnheader", class: "cell-preview", text: "Input" }),
      make("div", { class: "cell-scores", role: "presentation" }, this.scoreHeads));
    this.body = make("div", { class: "grid-body", role: "rowgroup" });
    this.empty = make("p", { class: "empty", text: "No line matches.", hidden: true });
    this.grid = make("div", {
      class: "grid", id: "grid", role: "grid", tabindex: "0", "aria-label": "Lines",
      "aria-colcount": String(2 + index.width),
      onkeydown: (event) => this.key(event), onclick: (event) => this.click(event),
    }, this.head, this.body, this.empty);
    this.grid.style.setProperty("--variants", index.width);
    return this.grid;
  }

  columnHead(order, text, variant) {
    const label = variant ? `Score of ${variant.letter}, ${variant.label}` : text;
    return make("div", { role: "columnheader", class: variant ? "cell-score" : "cell-line" },
      make("button", { type: "button", title: `Order by: ${label}`, "aria-label": label, "data-order": order,
        onclick: () => this.sort(order, this.state.order === order ? !this.state.descending : false) },
      variant ? badge(variant) : text, make("span", { class: "arrow", "aria-hidden": "true" })));
  }

  // Filtering and sorting

  /** Filters and sorts anew; keeps the cursor on its line where that is still shown. */
  apply() {
    const current = this.visible[this.cursor];
    this.visible = this.selection.places();
    this.cursor = Math.max(0, this.visible.indexOf(current));
    this.isWhole = this.selection.isWhole;
    this.describe();
    this.draw();
  }

  set(name, value) {
    this.state[name] = value;
    this.apply();
  }

  sort(order, descending) {
    Object.assign(this.state, { order, descending });
    this.grid.scrollTop = 0;
    this.apply();
  }

  choose(name) {
    this.stopMetric?.();
    this.selection.metric = this.summary.metrics.find((metric) => metric.name === name);
    if (this.selection.metric === this.summary.primary) {
      this.index.score = this.index.primaryScore;
      return this.apply();
    }
    const width = this.index.width, scores = new Float64Array(this.index.count * width).fill(NaN);
    this.index.score = scores;
    this.stopMetric = this.blocks.scan((line, place) => line.results.forEach((result, v) => {
      const score = result.scores?.[name];
      if (isNumber(score)) scores[place * width + v] = score;
    }), (done) => this.showProgress("Reading scores", done));
    this.apply();
  }

  // Searching

  searchSoon() {
    clearTimeout(this.searchTimer);
    this.searchTimer = setTimeout(() => this.find(this.search.value), 140);
  }

  /** All words must occur in the line; a phrase in double quotes counts as one word. */
  find(query) {
    this.stopSearch?.();
    this.state.query = query.trim();
    this.terms = (this.state.query.toLowerCase().match(/"[^"]+"|\S+/g) ?? [])
      .map((term) => term.replaceAll('"', "")).filter(Boolean);
    if (!this.terms.length) {
      this.selection.found = null;
      this.progress.textContent = "";
      return this.apply();
    }
    const terms = this.terms, found = new Uint8Array(this.index.count);
    this.selection.found = found;
    this.stopSearch = this.blocks.scan((line, place) => {
      const text = searchableText(line);
      found[place] = terms.every((term) => text.includes(term)) ? 1 : 0;
    }, (done) => this.showProgress("Searching", done));
    this.describe();
  }

  showProgress(what, done) {
    this.progress.textContent = done < 1 ? `${what}… ${Math.round(done * 100)} %` : "";
    const now = performance.now();
    if (done < 1 && now - (this.lastApply ?? 0) < 200) return;
    this.lastApply = now;
    this.apply();
  }

  clear() {
    Object.assign(this.state, { query: "", dataset: "", show: "all", variant: "", cluster: null });
    this.search.value = "";
    for (const box of this.filterBoxes) box.selectedIndex = 0;
    this.find("");
    this.search.focus();
  }

  showCluster(cluster) {
    this.state.cluster = cluster;
    this.apply();
    this.focus();
  }

  // Drawing

  describe() {
    const { index, state, visible } = this;
    this.tally.textContent = visible.length === index.count ? plural(index.count, "line")
      : `${count(visible.length)} of ${plural(index.count, "line")}`;
    this.clearButton.hidden = !this.selection.isFiltered;
    this.clusterChip.hidden = state.cluster === null;
    this.clusterChip.textContent = `Cluster: ${state.cluster} ✕`;
    this.orderBox.value = state.order;
    this.direction.textContent = state.descending ? "↓ Falling" : "↑ Rising";
    for (const head of [this.lineHead, ...this.scoreHeads]) {
      const isSorted = head.firstChild.dataset.order === state.order;
      head.setAttribute("aria-sort", isSorted ? (state.descending ? "descending" : "ascending") : "none");
      head.querySelector(".arrow").textContent = isSorted ? (state.descending ? "↓" : "↑") : "";
    }
    this.grid.setAttribute("aria-rowcount", String(visible.length + 1));
    this.empty.hidden = visible.length > 0;
  }

  drawSoon() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => { this.isDrawing = false; this.draw(true); });
  }

  /** Reads the sizes that drawing needs, when they may have changed and not in every frame. */
  measure() {
    this.rowHeight = parseFloat(getComputedStyle(this.grid).getPropertyValue("--row")) || 44;
    this.viewHeight = this.grid.clientHeight;
    this.headHeight = this.head.offsetHeight;
    this.draw();
  }

  /** Draws the rows in view. With `isScroll`, rows that already stand where they belong are left alone. */
  draw(isScroll = false) {
    const height = this.rowHeight, total = this.visible.length, top = this.grid.scrollTop;
    if (!isScroll) this.body.style.height = `${total * height}px`;
    const first = Math.max(0, Math.floor(top / height) - LineList.overscan);
    const last = Math.min(total, Math.ceil((top + this.viewHeight) / height) + LineList.overscan);
    while (this.rows.length < last - first) this.rows.push(this.newRow());
    // A row keeps its place modulo the number of rows, so that scrolling by one changes one row.
    const size = this.rows.length;
    for (let position = first; position < last; position++) {
      const row = this.rows[position % size];
      if (!isScroll || row.position !== position) this.fill(row, position);
    }
    for (const row of this.rows) {
      const isUsed = row.position >= first && row.position < last;
      if (row.node.hidden === isUsed) row.node.hidden = !isUsed;
    }
    if (!isScroll) this.grid.setAttribute("aria-activedescendant", total ? `row-${this.cursor}` : "");
  }

  newRow() {
    const scores = this.summary.variants.map((variant) => {
      const mark = make("span", { class: "cell-mark", "aria-hidden": "true" }), text = make("span");
      return { node: make("div", { role: "gridcell", class: "cell-score" },
        make("span", { class: "cell-letter", text: variant.letter }), mark, text), mark, text };
    });
    const name = make("span"), dataset = make("small");
    const preview = make("div", { role: "gridcell", class: "cell-preview" });
    const node = make("div", { class: "grid-row", role: "row" },
      make("div", { role: "gridcell", class: "cell-line" }, name, dataset), preview,
      make("div", { class: "cell-scores", role: "presentation" }, scores.map((score) => score.node)));
    this.body.append(node);
    return { node, name, dataset, preview, scores, position: -1 };
  }

  fill(row, position) {
    row.position = position;
    const place = this.visible[position], { index, summary } = this;
    row.node.id = `row-${position}`;
    row.node.dataset.position = position;
    row.node.setAttribute("aria-rowindex", String(position + 2));
    row.node.style.transform = `translateY(${position * this.rowHeight}px)`;
    row.node.classList.toggle("is-current", position === this.cursor);
    row.node.setAttribute("aria-selected", String(position === this.cursor));
    const { repetitions, datasets } = summary.experiment;
    row.name.textContent = String(index.line[place]) + (repetitions > 1 ? ` · ${index.repetition[place] + 1}` : "");
    row.dataset.textContent = datasets.length > 1 ? datasets[index.dataset[place]].name : "";
    row.preview.textContent = index.preview[place];
    row.scores.forEach((cell, v) => {
      const status = index.status[place][v], { selection } = this;
      const score = selection.value(place, v), gain = selection.gain(place, v);
      const isFailed = status !== "c";
      const [className, mark] = isFailed ? ["cell-score is-failed", "✕"]
        : gain > tinyGain ? ["cell-score is-better", "▲"]
        : gain < -tinyGain ? ["cell-score is-worse", "▼"] : ["cell-score", ""];
      if (cell.node.className !== className) cell.node.className = className;
      cell.text.textContent = isFailed ? statusOf[status] ?? "failed" : isNumber(score) ? this.word(score) : "—";
      if (cell.mark.textContent !== mark) cell.mark.textContent = mark;
    });
  }

  word(score) {
    if (this.isWhole) return minus(String(score));
    return Math.abs(score) >= 100 ? significant(score) : decimal(score, 2);
  }

  // Moving

  focus() { this.grid.focus({ preventScroll: false }); }

  move(position) {
    if (!this.visible.length) return;
    this.cursor = Math.min(this.visible.length - 1, Math.max(0, position));
    const height = this.rowHeight, top = this.cursor * height, view = this.viewHeight - this.headHeight;
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    if (top + height > this.grid.scrollTop + view) this.grid.scrollTop = top + height - view;
    this.draw();
  }

  key(event) {
    if (event.target !== this.grid || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.viewHeight / this.rowHeight) - 2);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in moves) this.move(this.cursor + moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.open(this.cursor);
    else return;
    event.preventDefault();
  }

  click(event) {
    const row = event.target.closest(".grid-row");
    if (row?.dataset.position === undefined || String(getSelection())) return;
    this.move(Number(row.dataset.position));
    this.open(this.cursor);
  }

  open(position) {
    if (this.visible.length) this.onopen(this.visible[position]);
  }
}
