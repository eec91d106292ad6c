// Puts the report together: what is read first is drawn first, the lines when the whole file is read.

const themes = ["auto", "light", "dark"];

function remembered(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function setTheme(theme, redraw) {
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
  const button = document.getElementById("theme-toggle");
  button.replaceChildren(make("span", { class: "wide-only", text: "Theme: " }), theme);
  button.setAttribute("aria-label", `Theme: ${theme}`);
  button.title = "Theme (t)";
  button.dataset.theme = theme;
  try { localStorage.setItem("pawang-theme", theme); } catch { /* A file from disk may have no storage. */ }
  redraw();
}

function nextTheme(redraw) {
  const now = document.getElementById("theme-toggle").dataset.theme;
  setTheme(themes[(themes.indexOf(now) + 1) % themes.length], redraw);
}

function buildHelp() {
  const keys = [
    ["/", "search"], ["j  k  ↓  ↑", "next or previous line"], ["PgDn  PgUp  Home  End", "move further"],
    ["Enter", "open the line"], ["Esc", "close"], ["t", "theme"], ["?", "this help"],
  ];
  const caps = (key) => key.split("  ").map((part) => make("kbd", { text: part }));
  const dialog = document.getElementById("help");
  dialog.append(make("h2", { id: "help-title", text: "Keyboard" }),
    make("dl", { class: "keys" }, keys.map(([key, act]) => [make("dt", null, caps(key)), make("dd", { text: act })])),
    make("p", { class: "note", text: "▲ and ▼ in the list: better or worse than the baseline on that line. "
      + "“Variants disagree” keeps lines on which the scores lie at least half of the metric’s range apart, "
      + "or where some variants failed." }),
    make("button", { type: "button", text: "Close", onclick: () => dialog.close() }));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.getElementById("help-open").addEventListener("click", () => dialog.showModal());
  return dialog;
}

function listenToKeys(list, help, redraw) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, select, textarea")) return;
    if (event.key === "?") {
      if (!document.querySelector("dialog[open]")) help.showModal();
    } else if (event.key === "t") {
      nextTheme(redraw);
    } else if (document.querySelector("dialog[open]")) {
      return;
    } else if (event.key === "/") {
      list.search.focus();
      list.search.select();
    } else if (event.key === "j" || event.key === "k") {
      const hadFocus = document.activeElement === list.grid;
      list.focus();
      list.move(list.cursor + (hadFocus ? (event.key === "j" ? 1 : -1) : 0));
    } else {
      return;
    }
    event.preventDefault();
  });
}

/** On paper: the light theme, every comparison unfolded, charts redrawn in dark ink. */
function listenToPrinting(redraw) {
  let before = null;
  window.addEventListener("beforeprint", () => {
    if (before) return;
    const folded = [...document.querySelectorAll("details.metric-group:not([open])")];
    before = { theme: document.documentElement.dataset.theme, folded };
    document.documentElement.dataset.theme = "light";
    for (const details of folded) details.open = true;
    redraw();
  });
  window.addEventListener("afterprint", () => {
    if (!before) return;
    if (before.theme) document.documentElement.dataset.theme = before.theme;
    else delete document.documentElement.dataset.theme;
    for (const details of before.folded) details.open = false;
    before = null;
    redraw();
  });
}

function start() {
  const summary = readSummary();
  const redraw = () => redrawCharts(summary);
  drawVerdict(summary);
  drawWarnings(summary);
  drawVariants(summary);
  drawComparisons(summary);
  drawGate(summary);
  drawProvenance(summary);
  setTheme(themes.includes(remembered("pawang-theme")) ? remembered("pawang-theme") : "auto", redraw);
  document.getElementById("theme-toggle").addEventListener("click", () => nextTheme(redraw));
  const help = buildHelp();
  performance.mark("pawang-summary");

  requestAnimationFrame(() => drawCharts(summary));

  document.addEventListener("DOMContentLoaded", () => {
    listenToPrinting(redraw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    const index = new Index(summary), blocks = new Blocks();
    const list = new LineList(summary, index, blocks);
    const view = new LineView(summary, index, blocks, list);
    list.onopen = (place) => view.open(place);
    listenToKeys(list, help, redraw);
    const linked = /^#line-(\d+)$/.exec(location.hash);
    if (linked && Number(linked[1]) < index.count) {
      list.move(list.visible.indexOf(Number(linked[1])));
      view.open(Number(linked[1]));
    }
    performance.mark("pawang-ready");
  });
}

start();
