"""The control: the same prompt with Jinja2, as prompt flow sets it up. Prints the same JSON object."""
import json
import pathlib
import statistics
import time

import jinja2

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS, RENDERINGS = 15, 2_000

values = json.loads((HERE / "values.json").read_text(encoding="utf-8"))
template = jinja2.Template(
  (HERE / "prompt.jinja2").read_text(encoding="utf-8"), trim_blocks=True, keep_trailing_newline=True)
text = template.render(**values)
times = []
for _ in range(ROUNDS):
  start = time.process_time()
  for _ in range(RENDERINGS):
    template.render(**values)
  times.append((time.process_time() - start) / RENDERINGS * 1e6)
print(json.dumps({"microseconds": statistics.median(times), "text": text}))
