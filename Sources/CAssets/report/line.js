// One line: its inputs, the outputs of all variants side by side, scores, traces and errors.

class LineView {
  constructor(summary, index, blocks, list) {
    Object.assign(this, { summary, index, blocks, list });
    this.dialog = document.getElementById("line");
    this.reference = summary.variants.length > 1 && summary.baselinePlace >= 0 ? "baseline" : "expected";
    this.title = make("h2", { id: "line-title", tabindex: "-1" });
    this.position = make("span", { class: "muted" });
    this.content = make("div", { class: "line-content" });
    const choices = [["baseline", "the baseline"], ["expected", "the expected answer"], ["none", "nothing"]]
      .filter(([value]) => value !== "baseline" || this.reference === "baseline");
    this.marks = make("select", { onchange: () => { this.reference = this.marks.value; this.draw(); } },
      choices.map(([value, text]) => make("option", { value, text })));
    const button = (text, label, act) => make("button", {
      type: "button", class: "quiet", text, "aria-label": label, title: label, onclick: act,
    });
    this.dialog.append(make("header", { class: "line-head" },
      make("div", { class: "line-name" }, this.title, this.position),
      make("label", { class: "field inline" }, make("span", { text: "Differences from" }), this.marks),
      make("div", { class: "buttons" },
        button("↑", "Previous line (k)", () => this.step(-1)), button("↓", "Next line (j)", () => this.step(1)),
        button("✕", "Close (Esc)", () => this.dialog.close()))), this.content);
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener("close", () => { this.remember(""); this.list.focus(); });
    this.dialog.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
    if (event.key === "j" || event.key === "ArrowRight") this.step(1);
    else if (event.key === "k" || event.key === "ArrowLeft") this.step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  step(by) {
    if (!this.list.visible.length) return;
    this.list.move(this.list.cursor + by);
    this.open(this.list.visible[this.list.cursor]);
  }

  open(place) {
    this.place = place;
    this.draw();
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    this.clampLongTexts();
    this.title.focus({ preventScroll: true });
    this.remember(`#line-${place}`);
  }

  /** Keeps the open line in the address, so that a link leads to it. */
  remember(hash) {
    try {
      history.replaceState(null, "", hash || location.pathname + location.search);
    } catch {
      // A browser may refuse this for a file from disk; the report works without.
    }
  }

  draw() {
    const { summary, index, place } = this, line = this.blocks.line(place);
    const at = this.list.visible.indexOf(place);
    this.title.textContent = `${line.dataset} · line ${line.line}`
      + (summary.experiment.repetitions > 1 ? ` · repetition ${line.repetition + 1}` : "");
    this.position.textContent = at < 0 ? "" : `${count(at + 1)} of ${count(this.list.visible.length)}`;
    this.marks.value = this.reference;
    const hasExpected = line.expected !== null && line.expected !== undefined;
    const facts = make("section", { class: "given" },
      make("h3", { text: "Inputs" }), this.pairs(line.inputs),
      hasExpected ? [make("h3", { text: "Expected" }), this.value(line.expected)] : null,
      line.cluster !== null && line.cluster !== undefined ? make("p", { class: "cluster-line" }, "Cluster ",
        make("button", {
          type: "button", class: "chip", text: String(line.cluster), title: "Show the lines of this cluster",
          onclick: () => { this.dialog.close(); this.list.showCluster(index.cluster[place]); },
        })) : null);
    const cards = make("section", { class: "outputs" }, make("h3", { text: "Outputs" }),
      this.reference !== "none" && summary.variants.length + hasExpected > 1 ? make("p", { class: "note above" },
        make("ins", { text: "underlined" }), " only here, ", make("del", { text: "struck" }),
        this.reference === "baseline" ? " only in the baseline" : " only in the expected answer") : null,
      make("div", { class: summary.variants.length > 4 ? "cards many" : "cards" },
        summary.variants.map((variant) => this.card(line, variant))));
    this.content.replaceChildren(facts, cards, this.scores(line));
    if (this.dialog.open) this.clampLongTexts();
    this.highlight();
  }

  card(line, variant) {
    const result = line.results[variant.place];
    const { primary, baselinePlace } = this.summary, score = result.scores?.[primary?.name];
    const base = line.results[baselinePlace]?.scores?.[primary?.name];
    const gain = !variant.baseline && isNumber(score) && isNumber(base) ? score - base : null;
    const usage = result.usage, tokens = usage ? usage.input_tokens + usage.output_tokens : null;
    return make("article", { class: "card", "aria-label": `Variant ${variant.letter}, ${variant.label}` },
      make("header", null, make("h4", null, variantName(variant)),
        isNumber(score) ? make("p", { class: "score" }, make("strong", { text: significant(score) }),
          make("small", { text: metricTitle(primary.name) }), gain ? this.gainMark(gain, primary) : null) : null),
      result.error ? make("div", { class: "error" }, make("strong", { text: `✕ ${result.error.code}` }),
        make("p", { text: result.error.message })) : null,
      !result.error && result.status !== "completed"
        ? make("p", { class: "muted", text: `This line is ${result.status}.` }) : null,
      Object.keys(result.outputs ?? {}).length
        ? this.pairs(result.outputs, (name) => this.compared(line, variant, name))
        : result.error || result.status !== "completed" ? null : make("p", { class: "muted", text: "No output." }),
      make("p", { class: "card-facts" }, duration(result.latency_ms),
        tokens === null ? null : ` · ${count(tokens)} tokens`, usage ? ` · cost ${money(usage.cost_nano_usd)}` : null),
      result.trace?.length ? this.trace(result.trace) : null);
  }

  gainMark(gain, metric) {
    const [sign, word] = gain * metric.sign > 0 ? ["▲", "better"] : ["▼", "worse"];
    return make("span", { class: `mark ${word}`, title: `${word} than the baseline`,
      text: `${sign} ${gain > 0 ? "+" : ""}${significant(gain)}` });
  }

  /** The text that an output is compared with, or `null` for no comparison. */
  compared(line, variant, name) {
    if (this.reference === "baseline") {
      if (variant.baseline) return null;
      const result = line.results[this.summary.baselinePlace];
      return result?.status === "completed" && typeof result.outputs?.[name] === "string" ? result.outputs[name] : null;
    }
    if (this.reference !== "expected") return null;
    const expected = line.expected;
    if (typeof expected === "string") return expected;
    return typeof expected?.[name] === "string" ? expected[name] : null;
  }

  pairs(object, reference = () => null) {
    const names = Object.keys(object ?? {});
    if (!names.length) return make("p", { class: "muted", text: "none" });
    return make("dl", { class: "values" }, names.map((name) =>
      [make("dt", { text: name }), make("dd", null, this.value(object[name], reference(name)))]));
  }

  /** Shows a value as text only; images of four kinds are shown as images. */
  value(value, reference = null) {
    if (isImage(value)) return this.image(value);
    if (typeof value === "string") {
      const text = (content) => make("div", { class: "text" },
        value === "" ? make("span", { class: "muted", text: "empty text" }) : content);
      if (reference === null || value === "" || isImage(reference)) return text(value);
      if (reference === value) return [text(value), make("small", { text: "identical" })];
      const marked = markedDifference(reference, value);
      return marked ? text(marked) : [text(value), make("small", { text: "differs throughout" })];
    }
    const images = [];
    const withoutImages = (part) => {
      if (isImage(part)) { images.push(part); return `image ${images.length}`; }
      if (Array.isArray(part)) return part.map(withoutImages);
      if (part === null || typeof part !== "object") return part;
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => {
        const joined = key.startsWith("data:image/") && typeof inner === "string" ? `${key},${inner}` : null;
        return [key, withoutImages(joined && isImage(joined) ? joined : inner)];
      }));
    };
    const text = JSON.stringify(withoutImages(value), null, 2);
    const isOnlyImage = images.length === 1 && text.length < 60;
    return make("div", null, isOnlyImage ? null : make("div", { class: "text code", text }),
      images.map((source) => this.image(source)));
  }

  image(source) {
    const type = source.slice("data:image/".length, source.indexOf(";")).toUpperCase();
    return make("img", { class: "picture", src: source, alt: `${type} image in the data`, loading: "lazy" });
  }

  scores(line) {
    const { summary } = this;
    const metrics = summary.metrics.filter(({ name }) => line.results.some((result) => name in (result.scores ?? {})));
    if (!metrics.length) return "";
    const base = line.results[summary.baselinePlace];
    const head = [heading("Metric", { class: "stick" }), ...summary.variants.map((variant) =>
      make("th", { scope: "col", class: "number", title: variant.label },
        badge(variant), make("span", { class: "hidden-text", text: `${variant.letter} ${variant.label}` })))];
    const rows = metrics.map((metric) => make("tr", null,
      make("th", { scope: "row", class: "stick", text: metricTitle(metric.name) }),
      summary.variants.map(({ place, baseline }) =>
        this.scoreCell(line.results[place], metric, baseline ? null : base))));
    return make("section", { class: "scores" }, make("h3", { text: "Scores" }),
      tableBox("Scores of this line", head, rows, "score-table"));
  }

  scoreCell(result, metric, base) {
    const score = result?.scores?.[metric.name], note = result?.score_notes?.[metric.name];
    const baseScore = base?.scores?.[metric.name];
    const gain = isNumber(score) && isNumber(baseScore) ? score - baseScore : 0;
    const missing = {
      error: () => make("span", { class: "mark worse", text: "✕ not scored" }),
      not_applicable: () => make("span", { class: "muted", text: "not applicable" }),
    }[note?.status];
    return make("td", { class: "number" }, missing ? missing() : isNumber(score) ? significant(score) : "—",
      gain ? make("small", null, this.gainMark(gain, metric)) : null,
      note?.reason ? make("small", { class: "reason", text: note.reason }) : null);
  }

  /** The spans of a line as a list, each with a bar that shows when it ran. */
  trace(spans) {
    const total = Math.max(1e-6, ...spans.map((span) => span.start_ms + span.duration_ms));
    const items = spans.map((span) => {
      const bar = make("div", { class: `bar ${span.status === "completed" ? "" : span.status}` });
      bar.style.left = `${(100 * span.start_ms) / total}%`;
      bar.style.width = `max(2px, ${(100 * span.duration_ms) / total}%)`;
      const notes = [
        isNumber(span.tokens) ? `${count(span.tokens)} tokens` : null,
        "cost_nano_usd" in span ? (isNumber(span.cost_nano_usd) ? money(span.cost_nano_usd) : "cost unknown") : null,
      ].filter(Boolean).join(" · ");
      const indent = `${Math.min(8, span.depth ?? 0) * 12}px`;
      const item = make("li", { title: `${span.name} (${span.kind})` },
        make("div", { class: "span-line" },
          make("span", { class: "span-name" }, span.name, make("span", { class: "muted", text: ` ${span.kind}` })),
          span.status === "completed" ? null
            : make("span", { class: `mark ${span.status === "failed" ? "worse" : ""}`, text: span.status }),
          make("span", { class: "span-time", text: duration(span.duration_ms) })),
        notes ? make("small", { text: notes }) : null, make("div", { class: "track" }, bar));
      if (notes) item.children[1].style.paddingLeft = indent;
      if (span.error) {
        item.append(make("small", { class: "mark worse wraps", text: `${span.error.code}: ${span.error.message}` }));
      }
      item.firstChild.style.paddingLeft = indent;
      return item;
    });
    const title = `Trace · ${plural(spans.length, "span")} · ${duration(total)}`;
    return make("details", { class: "trace" }, make("summary", { text: title }), make("ol", null, items));
  }

  /** Folds texts that are long, with a button to unfold each. All heights are read before anything is changed. */
  clampLongTexts() {
    const long = [...this.content.querySelectorAll(".text")].filter((box) => !box.dataset.measured)
      .map((box) => [box, box.scrollHeight > (box.closest(".card") ? 380 : 210)]);
    for (const [box, isLong] of long) {
      box.dataset.measured = "yes";
      if (!isLong) continue;
      box.classList.add("is-folded");
      const button = make("button", { type: "button", class: "more", text: "Show all", "aria-expanded": "false" });
      button.addEventListener("click", () => {
        const isFolded = box.classList.toggle("is-folded");
        button.textContent = isFolded ? "Show all" : "Show less";
        button.setAttribute("aria-expanded", String(!isFolded));
      });
      box.after(button);
    }
  }

  /** Marks the words of the search where the browser can do so without changing the page. */
  highlight() {
    if (!window.Highlight) return;
    CSS.highlights.delete("search");
    const terms = this.list.selection.found ? this.list.terms : [];
    if (!terms.length) return;
    const ranges = [], walker = document.createTreeWalker(this.content, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node && ranges.length < 2000; node = walker.nextNode()) {
      const text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue;
      for (const term of terms) {
        for (let at = text.indexOf(term); at >= 0 && ranges.length < 2000; at = text.indexOf(term, at + term.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + term.length);
          ranges.push(range);
        }
      }
    }
    CSS.highlights.set("search", new Highlight(...ranges));
  }
}
