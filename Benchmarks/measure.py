#!/usr/bin/env python3
"""Measures Pawang and its peer in turn and prints one table. Called by Benchmarks/run, which prepares everything.

CPU seconds are user and system time of the process and of the children it waited for. Wall times are medians. The peer's
turns come between ours, so that a busy machine disturbs both. Rates include start and end of the process.

This process stays small: Linux counts the memory of the process that starts another into the other's peak.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
LINES_NATIVE, LINES_PYTHON, LINES_PEER = 20_000, 5_000, 1_000
SCORE_ROWS, SCORE_SAMPLE, ROW_BYTES = 10_000, 400, 2_470
# ROUGE-1, -2 and -L are one evaluator under three of its names, since an evaluator is used once by name.
EVALUATORS = ["f1", "sacrebleu", "chrf", "rouge", "rouge_score", "rouge_n", "bleu", "gleu", "meteor", "levenshtein"]
PARAMETERS = ["rouge.type=rouge1", "rouge_score.type=rouge2", "rouge_n.type=rougeL"]
LIMIT_SECONDS = 1_800


class Measured:
  def __init__(self, wall, cpu, memory, output):
    self.wall, self.cpu, self.memory, self.output = wall, cpu, memory, output


def measure(command, directory, environment=None, accept=(0,)):
  """Runs a command to its end: wall and CPU seconds, peak memory in MB, what it printed."""
  started = time.monotonic()
  with tempfile.TemporaryFile() as errors:
    process = subprocess.Popen(
      [str(part) for part in command], cwd=directory, env=environment, stdin=subprocess.DEVNULL,
      stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
    signal.alarm(LIMIT_SECONDS)
    pieces = []
    while piece := os.read(process.stdout.fileno(), 1 << 16):
      pieces.append(piece)
    _, status, usage = os.wait4(process.pid, 0)
    signal.alarm(0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    if process.returncode not in accept:
      errors.seek(0)
      text = (b"".join(pieces) + errors.read()).decode(errors="replace")[-3_000:]
      raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{text}")
  return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, b"".join(pieces))


def median(values):
  return statistics.median(values)


class Bench:
  def __init__(self, options, folder):
    self.pawang, self.pf, self.python = options.pawang, options.peer, options.python
    self.template = options.template
    self.rounds, self.folder, self.rows = options.rounds, folder, []
    home = folder / "peer-home"
    home.mkdir()
    # A home of its own keeps the peer's data base and its service's settings away from the user's.
    self.peer_environment = {
      **os.environ, "HOME": str(home), "PF_HOME_DIRECTORY": str(home), "PF_WORKER_COUNT": "2", "NO_COLOR": "1",
      # Without these, and without the setting below, it waits for servers of its telemetry where there is no network.
      "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true", "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
      "PATH": f"{pathlib.Path(self.pf).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(
      [self.pf, "config", "set", "telemetry.enabled=false"], env=self.peer_environment, stdin=subprocess.DEVNULL,
      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
    # No PAWANG_* of the caller; the interpreter of Python nodes is said, not searched for.
    self.environment = {
      **{k: v for k, v in os.environ.items() if not k.startswith("PAWANG_")}, "PAWANG_PYTHON": str(self.python),
      "PAWANG_STORE": str(folder / "store.db"), "NO_COLOR": "1"}

  def ours(self, *arguments, directory=None, accept=(0,)):
    return measure([self.pawang, *arguments], directory or self.folder, self.environment, accept)

  def peer(self, *arguments, directory=None):
    return measure([self.pf, *arguments], directory or self.folder, self.peer_environment)

  def row(self, what, ours, peer, goal, ratio=""):
    self.rows.append((what, ours, peer, goal, ratio))
    print(f"  {what}: {ours}; peer {peer}; goal {goal}", flush=True)

  def starts(self, what, ours, peer, goal):
    """Whole processes, ours seven times for each of the peer's. Wall times wait for neighbours; CPU times do not."""
    measured, peers = [], []
    for _ in range(self.rounds):
      measured += [self.ours(*ours) for _ in range(7)]
      if peer:
        peers.append(self.peer(*peer))

    def times(of):
      return median(one.wall for one in of) * 1e3, median(one.cpu for one in of) * 1e3

    wall, cpu = times(measured)
    shown, ratio = "–", ""
    if peers:
      peer_wall, peer_cpu = times(peers)
      shown, ratio = f"{peer_wall:,.0f} ms ({peer_cpu:,.0f} ms)", f"{peer_wall / wall:,.0f}×"
    self.row(f"{what}, wall (and CPU)", f"{wall:.0f} ms ({cpu:.0f} ms)", shown, goal, ratio)

  # -- what is measured

  def version(self):
    self.starts("`--version`", ["--version"], ["--version"], "≤ 20 ms")

  def one_line(self):
    self.starts(
      "one-line flow run", ["run", self.flow_native(), "--input", "text=hello"],
      ["flow", "test", "--flow", self.flow_python(), "--inputs", "text=hello"], "≤ 60 ms")

  def native(self):
    flow, peer_flow = self.flow_native(), self.flow_python()
    data, peer_data = self.lines(LINES_NATIVE), self.lines(LINES_PEER)
    self.rates("prompt and native nodes, lines per CPU-second", flow, data, LINES_NATIVE, peer_flow, peer_data, "≥ 5,000")

  def python_nodes(self):
    flow = self.flow_python()
    self.rates(
      "Python nodes, lines per CPU-second", flow, self.lines(LINES_PYTHON), LINES_PYTHON, flow, self.lines(LINES_PEER),
      "≥ 1,500")

  def rates(self, what, flow, data, count, peer_flow, peer_data, goal):
    ours, peer, memory = [], [], 0
    for _ in range(self.rounds):
      result = self.ours("run", flow, "--data", data)
      ours.append(count / result.cpu)
      memory = max(memory, result.memory)
      peer.append(LINES_PEER / self.peer("run", "create", "--flow", peer_flow, "--data", peer_data).cpu)
    self.row(
      f"{what} (ours {count:,} lines, peer {LINES_PEER:,})", f"{median(ours):,.0f} ({memory:.0f} MB)",
      f"{median(peer):,.0f}", goal, f"{median(ours) / median(peer):,.0f}×")

  def scoring(self):
    data, sample = self.folder / "score.jsonl", self.folder / "sample.jsonl"
    write_rows(data, self.score_rows())
    size = data.stat().st_size / 1e6
    chosen = set(random.Random(11).sample(range(SCORE_ROWS), SCORE_SAMPLE))
    write_rows(sample, (row for row in self.score_rows() if row["id"] in chosen))
    command = ["evaluate", data, "--map", "response=${data.prediction}", "--map", "ground_truth=${data.reference}"]
    for name in EVALUATORS:
      command += ["--evaluator", name]
    for parameter in PARAMETERS:
      command += ["--parameter", parameter]
    ours, memory = [], 0
    reference = [self.python, HERE / "text-metrics" / "reference.py", "time", sample]
    peer = measure(reference, self.folder)
    for _ in range(self.rounds):
      # 1: some rows cannot be scored, which is a result.
      result = self.ours(*command, "--out", self.folder / "scores.jsonl", accept=(0, 1))
      ours.append(result.cpu)
      memory = max(memory, result.memory)
    # The references time their metrics alone; their imports are not counted against them.
    total = float(peer.output.decode().split("total")[-1].split()[0]) * SCORE_ROWS / SCORE_SAMPLE
    self.row(
      f"scoring {SCORE_ROWS:,} rows ({size:.0f} MB), CPU-s; references on {SCORE_SAMPLE} of them, scaled",
      f"{median(ours):.1f}", f"{total:.0f}", "≤ 15", f"{total / median(ours):,.0f}×")
    self.row("memory while scoring", f"{memory:.0f} MB", "–", "≤ 200 MB")

  def first_result(self):
    data = self.folder / "first.jsonl"
    write_rows(data, self.score_rows(1))
    self.starts(
      "first result of scoring: one row, whole process",
      ["evaluate", data, "--evaluator", "f1", "--map", "response=${data.prediction}", "--map",
       "ground_truth=${data.reference}"], None, "≤ 50 ms")

  def rendering(self):
    ours, control, texts = [], [], set()
    folder = HERE / "template-rendering"
    for _ in range(self.rounds):
      for times, command in (ours, [self.template, folder]), (control, [self.python, folder / "render.py"]):
        result = json.loads(measure(command, self.folder).output)
        times.append(result["microseconds"])
        texts.add(result["text"])
    if len(texts) != 1:
      raise SystemExit("the two renderings differ, so their times cannot be compared")
    size = len(texts.pop().encode()) / 1e3
    self.row(
      f"rendering a compiled chat prompt of {size:.1f} KB; control: Jinja2", f"{median(ours):.1f} µs",
      f"{median(control):.1f} µs", "≤ 10 µs", f"{median(control) / median(ours):.1f}×")

  # -- what it is measured on

  def lines(self, count):
    path = self.folder / f"lines-{count}.jsonl"
    if not path.exists():
      write_rows(path, ({"text": f"message number {number} about a late parcel"} for number in range(count)))
    return path

  def flow_native(self):
    return self.flow("native", """\
inputs:
  text: {type: string}
outputs:
  echo:
    type: string
    reference: ${echo.output}
nodes:
- name: greet
  type: prompt
  source: {type: code, path: greet.jinja2}
  inputs:
    text: ${inputs.text}
- name: echo
  type: match
  inputs:
    value: ${greet.output}
    cases: {}
    default: ${greet.output}
""", {"greet.jinja2": "Hello! You wrote: {{text}}\n"})

  def flow_python(self):
    return self.flow("python", """\
inputs:
  text: {type: string}
outputs:
  echo:
    type: string
    reference: ${echo.output}
nodes:
- name: greet
  type: prompt
  source: {type: code, path: greet.jinja2}
  inputs:
    text: ${inputs.text}
- name: echo
  type: python
  source: {type: code, path: echo.py}
  inputs:
    text: ${greet.output}
""", {
      "greet.jinja2": "Hello! You wrote: {{text}}\n",
      "echo.py": "from promptflow.core import tool\n\n\n@tool\ndef echo(text: str) -> str:\n    return text\n",
    })

  def flow(self, name, text, files):
    folder = self.folder / f"flow-{name}"
    folder.mkdir(exist_ok=True)
    (folder / "flow.dag.yaml").write_text(text)
    for path, content in files.items():
      (folder / path).write_text(content)
    return folder

  def score_rows(self, count=SCORE_ROWS):
    """Rows of about 3 KB: texts of the parity data, joined until they are long enough."""
    pairs = []
    for path in sorted((HERE / "text-metrics" / "data").glob("*.jsonl")):
      for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "knowledge" in row:
          pairs.append((row["response"], row["knowledge"]))
        elif "first" in row:
          pairs.append((row["first"], row["second"]))
        elif "solutions" in row:
          pairs += [(solution, row["truth"]) for solution in row["solutions"]]
    generator = random.Random(5)
    for number in range(count):
      prediction, reference = [], []
      while sum(map(len, prediction)) + sum(map(len, reference)) < ROW_BYTES:
        first, second = generator.choice(pairs)
        prediction.append(first)
        reference.append(second)
      yield {"id": number, "prediction": " ".join(prediction), "reference": " ".join(reference)}

  def finish(self):
    subprocess.run(
      [self.pf, "service", "stop"], env=self.peer_environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
      stderr=subprocess.DEVNULL, timeout=120, check=False)


def write_rows(path, rows):
  with open(path, "w", encoding="utf-8") as file:
    for row in rows:
      file.write(json.dumps(row, ensure_ascii=False) + "\n")


NAMES = {
  "version": Bench.version, "one-line": Bench.one_line, "native": Bench.native, "python": Bench.python_nodes,
  "scoring": Bench.scoring, "first-result": Bench.first_result, "rendering": Bench.rendering,
}


def processor():
  for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
    if line.startswith("model name"):
      return line.split(":", 1)[1].strip()
  return platform.machine()


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--pawang", required=True)
  parser.add_argument("--peer", required=True, help="promptflow's pf")
  parser.add_argument("--python", required=True, help="a Python with the reference packages")
  parser.add_argument("--template", help="the program of template-rendering")
  parser.add_argument("--only", action="append", choices=list(NAMES), help="measure this; may be given more than once")
  parser.add_argument("--rounds", type=int, default=3)
  options = parser.parse_args()
  with tempfile.TemporaryDirectory(prefix="pawang-bench-") as folder:
    bench = Bench(options, pathlib.Path(folder))
    try:
      for name in options.only or NAMES:
        print(f"• {name}", flush=True)
        NAMES[name](bench)
    finally:
      if not options.only or set(options.only) & {"version", "one-line", "native", "python"}:
        bench.finish()
    print(f"\n{datetime.date.today()}, {os.cpu_count()} × {processor()}, load {os.getloadavg()[0]:.1f}, {options.rounds} rounds\n")
    print("| what | Pawang | promptflow 1.18.5 or references | goal | ratio |\n|---|---|---|---|---|")
    for row in bench.rows:
      print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
  sys.exit(main())
