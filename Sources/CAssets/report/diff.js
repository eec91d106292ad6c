// Differences between two texts, word by word.

// Scripts that are written without spaces are compared sign by sign.
const scripts = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer"].map((name) => `\\p{Script=${name}}`).join("");
const pieces = new RegExp([
  "\\s+",
  `[${scripts}]\\p{M}*`,
  "[\\p{L}\\p{N}_][\\p{L}\\p{N}\\p{M}_]*",
  "\\p{RI}\\p{RI}",
  "\\p{Emoji_Presentation}(?:\\p{M}|\\u200d\\p{Emoji})*",
  "[^\\s]\\p{M}*",
].join("|"), "gu");

/** Beyond these, texts count as different from the first changed word to the last. */
const longestDiff = 6000;
const mostEdits = 1200;

/**
 * The steps from `before` to `after`: `{kind: "same" | "removed" | "added", text}`, neighbours of one kind joined.
 * Shortest edit script by Myers' greedy method, after the common ends are taken off.
 */
function difference(before, after) {
  const a = before.match(pieces) ?? [], b = after.match(pieces) ?? [];
  let start = 0, endA = a.length, endB = b.length;
  while (start < endA && start < endB && a[start] === b[start]) start += 1;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) { endA -= 1; endB -= 1; }

  const steps = [];
  const push = (kind, text) => {
    if (!text) return;
    const last = steps[steps.length - 1];
    if (last && last.kind === kind) last.text += text; else steps.push({ kind, text });
  };
  push("same", a.slice(0, start).join(""));
  const middle = shortestEdits(a.slice(start, endA), b.slice(start, endB));
  for (const [kind, text] of middle) push(kind, text);
  push("same", a.slice(endA).join(""));
  return steps;
}

function shortestEdits(a, b) {
  const whole = () => [["removed", a.join("")], ["added", b.join("")]];
  if (!a.length || !b.length || a.length + b.length > longestDiff) return whole();
  const limit = Math.min(a.length + b.length, mostEdits);
  const reach = new Int32Array(2 * limit + 3);
  const history = [];
  for (let edits = 0; edits <= limit; edits++) {
    history.push(reach.slice(limit - edits, limit + edits + 3));
    for (let k = -edits; k <= edits; k += 2) {
      const at = limit + 1 + k;
      let x = k === -edits || (k !== edits && reach[at - 1] < reach[at + 1]) ? reach[at + 1] : reach[at - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach[at] = x;
      if (x >= a.length && x - k >= b.length) return trace(a, b, history, edits);
    }
  }
  return whole();
}

/** Walks the furthest reaches back from the end; `history[d]` holds diagonals −d−1 … d+1 before step d. */
function trace(a, b, history, edits) {
  const path = [];
  let x = a.length, y = b.length;
  for (let d = edits; d > 0; d--) {
    const reach = history[d], at = (k) => reach[k + d + 1];
    const k = x - y;
    const previous = k === -d || (k !== d && at(k - 1) < at(k + 1)) ? k + 1 : k - 1;
    const previousX = at(previous), previousY = previousX - previous;
    while (x > previousX && y > previousY) { path.push(["same", a[--x]]); y -= 1; }
    if (x === previousX) path.push(["added", b[--y]]); else path.push(["removed", a[--x]]);
  }
  while (x > 0) { path.push(["same", a[--x]]); }
  return path.reverse();
}

/** Joins neighbouring changes that only a space or a mark keeps apart, so that phrases and not words are marked. */
function joinedDifference(before, after) {
  const steps = [];
  let removed = "", added = "";
  const flush = () => {
    if (removed) steps.push({ kind: "removed", text: removed });
    if (added) steps.push({ kind: "added", text: added });
    removed = added = "";
  };
  const raw = difference(before, after);
  raw.forEach(({ kind, text }, place) => {
    if (kind === "removed") removed += text;
    else if (kind === "added") added += text;
    else if (place > 0 && place < raw.length - 1 && text.length < 8 && !/[\p{L}\p{N}\n]/u.test(text)) {
      removed += text;
      added += text;
    } else {
      flush();
      steps.push({ kind, text });
    }
  });
  flush();
  return steps;
}

/**
 * Nodes that show `after` with what was added and removed since `before` marked, or `null` if the two have so
 * little in common that marks would only be noise.
 */
function markedDifference(before, after) {
  const steps = joinedDifference(before, after);
  const common = steps.reduce((sum, { kind, text }) => sum + (kind === "same" ? text.length : 0), 0);
  if (common < 0.2 * Math.max(before.length, after.length)) return null;
  return steps.map(({ kind, text }) => {
    if (kind === "same") return document.createTextNode(text);
    return make(kind === "added" ? "ins" : "del", { text });
  });
}
