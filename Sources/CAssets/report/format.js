"use strict";
// Building elements and wording numbers. Every text that comes from data enters the page through `textContent`.

/** An element: `attributes` named `class`, `text`, `on…` or any HTML attribute; `children` are nodes or strings. */
function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

/** An SVG element; decoration only, so hidden from assistive technology by its callers. */
function drawing(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const minus = (text) => text.replace("-", "−");
const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const count = (value) => (isNumber(value) ? grouped.format(value) : "unknown");
const plural = (number, one, many = one + "s") => `${count(number)} ${number === 1 ? one : many}`;

/** A number with a fixed number of decimals; an em dash for no number. */
function decimal(value, digits = 3) {
  if (!isNumber(value)) return "—";
  const text = value.toFixed(digits);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/** A number with its sign always shown. */
function signed(value, digits = 3) {
  if (!isNumber(value)) return "—";
  const text = decimal(value, digits);
  return value > 0 && Number(value.toFixed(digits)) !== 0 ? "+" + text : text;
}

/** The two ends of an interval. */
function interval(low, high, digits) {
  return decimal(low, digits) + (low < 0 || high < 0 ? " to " : "–") + decimal(high, digits);
}

/** As many decimals as an interval of this width supports: two figures of its half. */
function digitsForWidth(width) {
  if (!(width > 0)) return 3;
  return Math.min(4, Math.max(0, 1 - Math.floor(Math.log10(width / 2))));
}

/** Three significant figures without an exponent where that is readable. */
function significant(value, figures = 3) {
  if (!isNumber(value)) return "—";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 10 ** figures) return minus(grouped.format(value));
  if (size < 1e-4) return minus(value.toExponential(1));
  return minus(String(Number(value.toPrecision(figures))));
}

/** Nano-dollars as dollars; `null` is "unknown", never zero. */
function money(nano) {
  if (!isNumber(nano)) return "unknown";
  const dollars = nano / 1e9;
  if (dollars === 0) return "$0";
  const size = Math.abs(dollars);
  const sign = dollars < 0 ? "−$" : "$";
  if (size >= 1000) return sign + grouped.format(size);
  if (size >= 1) return sign + size.toFixed(2);
  const digits = Math.min(9, 1 - Math.floor(Math.log10(size)));
  return sign + size.toFixed(Math.max(2, digits));
}

/** Milliseconds in the unit a person would use. */
function duration(ms) {
  if (!isNumber(ms)) return "unknown";
  if (ms === 0) return "0 ms";
  if (ms < 0.95) return ms.toFixed(2) + " ms";
  if (ms < 9.95) return ms.toFixed(1) + " ms";
  if (ms < 999.5) return Math.round(ms) + " ms";
  if (ms < 9995) return (ms / 1000).toFixed(2) + " s";
  if (ms < 99950) return (ms / 1000).toFixed(1) + " s";
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A p value as papers print it. */
function probability(p) {
  if (!isNumber(p)) return "—";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** A part of a whole in per cent. */
function share(part, whole) {
  if (!(whole > 0)) return "—";
  const percent = (100 * part) / whole;
  return decimal(percent, percent < 1 ? 2 : 1) + " %";
}

/** The letter a variant goes by in lists and plots: A to Z, then A1, B1 and so on. */
const letter = (place) => String.fromCharCode(65 + (place % 26)) + (place < 26 ? "" : Math.floor(place / 26));

/** A time stamp in the reader's time zone; the text itself if it is none. */
function moment(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return String(text ?? "");
  return date.toLocaleString("en-GB", {
    year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
}

const words = {
  better: { sign: "▲", text: "better" },
  worse: { sign: "▼", text: "worse" },
  no_decision: { sign: "○", text: "no decision" },
  single: { sign: "●", text: "single variant" },
};

const metricTitle = (name) => String(name).replaceAll("_", " ");
