"""Opens a report in Chromium and checks that it works: report_check.py REPORT.html [--chromium PATH]

Prints one line per check and, last, `N passed, N failed`. Exit status: 0 all passed, 1 some failed, 2 wrong use.
What the page shows is compared with what the file holds, which is read here independently of the page's own scripts.
"""

import argparse
import json
import pathlib
import re
import sys
import tempfile

from playwright.sync_api import sync_playwright

HOSTILE = (
    "<img src=x onerror=\"window.owned=1\"><script>window.owned=2</script></script>"
    "<svg onload=window.owned=3> \u2028 end"
)
IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$")
BLOCK = re.compile(r'<script type="application/json" class="(index|lines)"[^>]*>(.*?)</script>', re.S)
SUMMARY = re.compile(r'(<script type="application/json" id="summary">)(.*?)(</script>)', re.S)

# Every visible text whose contrast with what is behind it is too low: 4.5, or 3 for large text.
CONTRAST = """() => {
  const light = (rgb) => rgb.map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const rgb = parse(getComputedStyle(at).backgroundColor);
      if (rgb.length < 4 || rgb[3] > 0.99) return rgb.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    const isOther = ['SCRIPT', 'STYLE', 'NOSCRIPT', 'OPTION'].includes(node.tagName);
    if (!text.data.trim() || isOther || !node.checkVisibility()) continue;
    seen += 1;
    const style = getComputedStyle(node), a = light(parse(style.color)), b = light(behind(node));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio >= (isLarge ? 3 : 4.5)) continue;
    poor.add(`${ratio.toFixed(2)} ${node.tagName}.${node.className}: ${text.data.trim().slice(0, 30)}`);
  }
  return { seen, poor: [...poor] };
}"""


def texts(value):
    """All texts in a value, images left out; what a search goes through."""
    if isinstance(value, str):
        if not IMAGE.match(value):
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif value is not None and not isinstance(value, bool):
        yield json.dumps(value)


def searchable(line):
    parts = [*texts(line["inputs"]), *texts(line["expected"]), *texts(line["cluster"])]
    for result in line["results"]:
        parts += texts(result["outputs"])
        if result["error"]:
            parts += [result["error"]["code"], result["error"]["message"]]
    return "\n".join(parts).lower()


def json_for_html(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


class Report:
    """The content of the file, read without a browser."""

    def __init__(self, path):
        self.text = pathlib.Path(path).read_text(encoding="utf-8")
        found = SUMMARY.search(self.text)
        self.summary = json.loads(found.group(2)) if found else {"variants": [], "metrics": []}
        self.index, self.lines = [], []
        for kind, body in BLOCK.findall(self.text):
            (self.index if kind == "index" else self.lines).extend(json.loads(body))

    def hostile_copy(self):
        """The same report with markup in every place where a model, a dataset or a user can put text."""
        summary = json.loads(json.dumps(self.summary))
        summary["title"] = summary["verdict"]["headline"] = HOSTILE
        summary["verdict"]["sentences"] = summary["warnings"] = [HOSTILE]
        for variant in summary["variants"]:
            variant["label"] += HOSTILE
            variant["settings"] = {HOSTILE: HOSTILE}
        for comparison in summary["comparisons"]:
            comparison["sentence"] = comparison["test"] = HOSTILE
        text = SUMMARY.sub(lambda m: m.group(1) + json_for_html(summary) + m.group(3), self.text, count=1)
        done = {"index": False, "lines": False}

        def change(match):
            kind = match.group(1)
            if done[kind]:
                return match.group(0)
            done[kind] = True
            items = json.loads(match.group(2))
            if kind == "index":
                items[0][4] = HOSTILE
            else:
                items[0]["inputs"] = {HOSTILE: HOSTILE}
                items[0]["expected"] = items[0]["cluster"] = HOSTILE
                for place, result in enumerate(items[0]["results"]):
                    result.update(status="completed", outputs={"answer" + HOSTILE: HOSTILE + str(place)})
                    result["error"] = {"code": HOSTILE, "message": HOSTILE}
                    span = dict(name=HOSTILE, kind=HOSTILE, start_ms=0, duration_ms=1, status="failed", depth=0)
                    result["trace"] = [span]
            opening = match.group(0)[: match.group(0).index(">") + 1]
            return opening + json_for_html(items) + "</script>"

        return BLOCK.sub(change, text)


class Checks:
    def __init__(self, browser, path):
        self.browser, self.path, self.report = browser, pathlib.Path(path).resolve(), Report(path)
        self.passed = self.failed = 0

    def check(self, sentence, test):
        try:
            problem = test()
        except Exception as error:  # A check that cannot run has failed.
            problem = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        if problem in (None, True):
            self.passed += 1
            print(f"  passed  {sentence}")
        else:
            self.failed += 1
            print(f"  failed  {sentence}" + (f": {problem}" if problem else ""))

    def open(self, path=None, width=1440, height=900, scheme="light"):
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        context.set_default_timeout(5000)
        page = context.new_page()
        page.troubles, page.requests = [], []
        page.on("console", lambda m: page.troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("request", lambda r: page.requests.append(r.url) if not r.url.startswith("data:") else None)
        page.goto((path or self.path).as_uri(), wait_until="load")
        page.wait_for_timeout(150)
        return page

    # What the page shows

    def reading(self, page):
        report, variants = self.report, self.report.summary["variants"]
        self.check("the verdict stands first, in words", lambda: (
            page.locator("main > section").first.get_attribute("id") == "verdict"
            and page.locator("#verdict h1").text_content().strip() == report.summary["verdict"]["headline"]
            and page.locator("#verdict .pill").first.text_content().startswith("Verdict: ")) or "no verdict")
        self.check("there is one h1, a main part, navigation, and every table cell has a head", lambda: page.evaluate(
            "() => document.querySelectorAll('h1').length === 1 && document.querySelectorAll('main').length === 1"
            " && document.querySelectorAll('nav[aria-label]').length === 1"
            " && [...document.querySelectorAll('table')]"
            ".every(t => [...t.tHead.rows[0].cells].every(c => c.scope === 'col'))") or "not so")
        self.check("every variant has its row, and an unknown cost is called unknown",
                   lambda: self.variant_rows(page, variants))
        self.check("quality and latency are plotted", lambda: page.evaluate(
            "() => [...document.querySelectorAll('#plots canvas')]"
            ".every(c => c.width > 100 && c.getAttribute('aria-label'))"
            " && document.querySelectorAll('#plots canvas').length > 0") or "no plot")
        self.check("all lines are listed, and only those in view are in the page", lambda: self.listed(page))

    @staticmethod
    def variant_rows(page, variants):
        rows = page.locator("#variants tbody tr")
        if rows.count() != len(variants) or not variants:
            return f"{rows.count()} rows for {len(variants)} variants"
        for place, variant in enumerate(variants):
            text = rows.nth(place).text_content()
            if variant["label"] not in text:
                return f"{variant['label']} is missing"
            if (variant["usage"]["cost_nano_usd"] is None) != ("unknown" in text):
                return f"cost of {variant['label']}: {text}"
        is_unknown = all(variant["usage"]["cost_nano_usd"] is None for variant in variants)
        total = page.locator("#verdict dt:text-is('Model cost') + dd").text_content()
        return None if is_unknown == (total == "unknown") else f"the cost of all is {total}"

    def listed(self, page):
        count, rows = self.tally(page), page.locator(".grid-body .grid-row").count()
        if count != len(self.report.lines) or len(self.report.index) != count or count == 0:
            return f"{count} listed, {len(self.report.lines)} in the file, {len(self.report.index)} in the index"
        return None if rows <= min(count, 60) else f"{rows} rows in the page"

    @staticmethod
    def tally(page):
        return int(re.match(r"[\d,]+", page.locator(".tally-line").text_content()).group(0).replace(",", ""))

    # Finding

    def finding(self, page):
        self.check("a click on a column sorts by it, both ways", lambda: self.sorting(page))
        self.check("search finds exactly the lines that hold the words", lambda: self.searching(page))
        self.check("the filter for failed lines keeps exactly those", lambda: self.filtering(page))

    def sorting(self, page):
        head = page.locator('[data-order="v0"]')
        scores = [row[6][0] for row in self.report.index if row[6][0] is not None]
        for direction, edge in (("ascending", min), ("descending", max)):
            head.click()
            if head.locator("..").get_attribute("aria-sort") != direction:
                return f"aria-sort is not {direction}"
            shown = page.evaluate("() => [...document.querySelectorAll('.grid-body .grid-row:not([hidden])')]"
                                  ".sort((a, b) => a.dataset.position - b.dataset.position)"
                                  ".map(r => r.querySelector('.cell-score > span:last-child').textContent)")
            numbers = [float(text.replace("−", "-").replace(",", "")) for text in shown if re.match(r"^[−\d]", text)]
            if numbers != sorted(numbers, reverse=direction == "descending"):
                return f"{direction}: {numbers}"
            if scores and numbers and abs(numbers[0] - edge(scores)) > 0.01 + abs(edge(scores)) * 0.01:
                return f"{direction} starts with {numbers[0]}, not {edge(scores)}"
        page.locator('[data-order="line"]').click()
        return None

    def searching(self, page):
        line = self.report.lines[-1]
        found = re.findall(r"[^\W\d_]{5,}", searchable(line))
        for words in ([found[len(found) // 2]], found[:2], [found[0], "zzqxno"]):
            wanted = sum(all(word in searchable(item) for word in words) for item in self.report.lines)
            page.locator("#search").fill(" ".join(words))
            page.wait_for_function("() => !document.getElementById('search-progress').textContent", timeout=20000)
            page.wait_for_timeout(250)
            page.wait_for_function("() => !document.getElementById('search-progress').textContent", timeout=60000)
            if self.tally(page) != wanted:
                return f"{words}: {self.tally(page)} found, {wanted} hold them"
        page.locator("text=Clear filters").click()
        return None if self.tally(page) == len(self.report.lines) else "clearing does not bring all lines back"

    def filtering(self, page):
        wanted = sum(any(result["status"] != "completed" for result in line["results"]) for line in self.report.lines)
        page.get_by_label("Show", exact=True).select_option("failed")
        found = self.tally(page)
        page.get_by_label("Show", exact=True).select_option("all")
        return None if found == wanted else f"{found} shown, {wanted} failed"

    # Moving and opening

    def moving(self, page):
        focused = "() => document.activeElement.id"
        self.check("/ leads to the search field, Escape back to the list", lambda: self.slash(page, focused))
        self.check("j and the arrows move, Enter opens, Escape closes and gives the focus back",
                   lambda: self.keys(page, focused))
        self.check("? shows the keys", lambda: self.help(page))
        self.check("a line shows every output of every variant, as it is", lambda: self.outputs(page))

    @staticmethod
    def slash(page, focused):
        page.locator("h1").click()
        page.keyboard.press("/")
        if page.evaluate(focused) != "search" or page.locator("#search").input_value():
            return "the search field has no focus"
        page.keyboard.press("Escape")
        return None if page.evaluate(focused) == "grid" else "the list has no focus"

    def keys(self, page, focused):
        current = "() => Number(document.querySelector('.grid-row.is-current').dataset.position)"
        last = len(self.report.lines) - 1
        page.locator("#grid").focus()
        page.keyboard.press("Home")
        moves = (("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0), ("End", last), ("Home", 0), ("j", 1))
        for key, position in moves:
            page.keyboard.press(key)
            if page.evaluate(current) != min(position, last):
                return f"{key} leads to {page.evaluate(current)}, not {position}"
        active = page.locator("#grid").get_attribute("aria-activedescendant")
        if page.locator(f"#{active}").get_attribute("aria-selected") != "true":
            return "the active row is not announced"
        page.keyboard.press("Enter")
        if not page.locator("#line").evaluate("d => d.open"):
            return "Enter opens nothing"
        first = page.locator("#line-title").text_content()
        page.keyboard.press("j")
        if last > 1 and page.locator("#line-title").text_content() == first:
            return "j does not lead to the next line"
        page.keyboard.press("Escape")
        if page.locator("#line").evaluate("d => d.open"):
            return "Escape does not close"
        return None if page.evaluate(focused) == "grid" else "the focus is lost"

    @staticmethod
    def help(page):
        page.keyboard.press("?")
        is_open = page.locator("#help").evaluate("d => d.open")
        page.keyboard.press("Escape")
        return is_open and not page.locator("#help").evaluate("d => d.open") or "no help"

    def outputs(self, page):
        page.locator("#grid").focus()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        page.get_by_label("Differences from").select_option("none")
        line, cards = self.report.lines[0], page.locator("#line .card")
        if cards.count() != len(line["results"]):
            return f"{cards.count()} cards for {len(line['results'])} variants"
        for place, result in enumerate(line["results"]):
            shown = cards.nth(place).text_content()
            for text in result["outputs"].values():
                if isinstance(text, str) and not IMAGE.match(text) and text not in shown:
                    return f"variant {place} lacks {text[:60]!r}"
            if result["error"] and result["error"]["message"] not in shown:
                return f"variant {place} lacks its error"
        page.keyboard.press("Escape")
        return None

    # Looks

    def looks(self):
        for scheme in ("light", "dark"):
            page = self.open(scheme=scheme)
            self.check(f"text is readable in the {scheme} theme", lambda: self.contrast(page))
            page.locator("#grid").focus()
            page.keyboard.press("Enter")
            self.check(f"text of a line is readable in the {scheme} theme", lambda: self.contrast(page))
            page.context.close()
        page = self.open(scheme="light")
        background = "() => getComputedStyle(document.body).backgroundColor"
        self.check("the theme can be chosen", lambda: self.theme(page, background))
        page.context.close()
        for width in (390, 1600):
            page = self.open(width=width)
            self.check(f"nothing sticks out at {width} pixels", lambda: page.evaluate(
                "() => document.documentElement.scrollWidth <= innerWidth") or "the page scrolls sideways")
            page.context.close()
        page = self.open()
        page.emulate_media(media="print")
        self.check("paper shows the verdict and no controls", lambda: (
            page.locator("#verdict h1").is_visible() and not page.locator("#lines").is_visible()
            and not page.locator(".top").is_visible() and len(page.pdf(format="A4")) > 10000) or "not so")
        page.context.close()

    @staticmethod
    def contrast(page):
        result = page.evaluate(CONTRAST)
        if result["seen"] < 20:
            return f"only {result['seen']} texts seen"
        return "; ".join(result["poor"][:5]) or None

    @staticmethod
    def theme(page, background):
        seen = set()
        for _ in range(3):
            page.locator("#theme-toggle").click()
            seen.add(page.evaluate(background))
        return None if len(seen) == 2 else f"backgrounds {seen}"

    # Safety

    def safety(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "hostile.html"
            path.write_text(self.report.hostile_copy(), encoding="utf-8")
            page = self.open(path)
            self.check("markup in data stays text, in the summary and in a line", lambda: self.hostile(page))
            page.context.close()
        page = self.open()
        self.check("the page may not reach the network", lambda: page.evaluate(
            "() => fetch('http://127.0.0.1:9/').then(() => 'it went out', (e) => e.message)") == "Failed to fetch"
            and any("Content Security Policy" in text for text in page.troubles) or "the policy did not stop it")
        page.context.close()

    @staticmethod
    def hostile(page):
        if HOSTILE not in page.locator("#verdict h1").text_content():
            return "the headline is not shown as it is"
        page.locator("#grid").focus()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        for mode in ("none", "expected"):
            page.get_by_label("Differences from").select_option(mode)
            for summary in page.locator(".trace summary").all():
                summary.click()
        page.get_by_label("Differences from").select_option("none")
        if HOSTILE not in page.locator("#line .card .text").first.text_content():
            return "the output is not shown as it is"
        page.wait_for_timeout(200)
        if page.evaluate("() => window.owned") is not None:
            return "a model's output ran as a script"
        markup = page.evaluate("() => document.querySelectorAll('[onerror], [onload], main img, dialog img').length")
        return None if markup == 0 and not page.troubles else f"{markup} elements came from data; {page.troubles[:2]}"

    def run(self):
        page = self.open()
        self.reading(page)
        self.finding(page)
        self.moving(page)
        self.check("the console is quiet", lambda: "; ".join(page.troubles[:3]) or None)
        self.check("nothing but the file itself was asked for",
                   lambda: None if page.requests == [self.path.as_uri()] else str(page.requests[:3]))
        page.context.close()
        self.looks()
        self.safety()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    if not pathlib.Path(options.report).is_file():
        parser.error(f"there is no file {options.report}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        checks = Checks(browser, options.report)
        try:
            checks.run()
        except Exception as error:
            checks.failed += 1
            print(f"  failed  the checks ran to their end: {type(error).__name__}: {str(error).splitlines()[0]}")
        browser.close()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
