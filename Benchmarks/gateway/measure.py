#!/usr/bin/env python3
"""Measures the gateway beside an nginx that only passes bytes on, and beside its peers. Called by Benchmarks/gateway/run.

Every round is nginx, Pawang, the peers, nginx again. A round counts when the two controls are within 15 % of each other;
what is told is the median of the rounds that count, and for CPU its ratio to the control of the same round. CPU is user
and system time of the process and its children, from /proc, over the requests that wrk got answered.
"""
import argparse
import datetime
import pathlib
import platform
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

import systems

GOOD_ROUNDS, TOLERANCE = 7, 0.15
STREAM_EVENTS = 50


class Workload:
  def __init__(self, name, unit, goal, connections, **load):
    self.name, self.unit, self.goal, self.connections, self.load = name, unit, goal, connections, load
    self.results, self.discarded = {}, 0


WORKLOADS = {
  "json": Workload("1.9 KB request, 1 KB answer, 32 connections", "request", "≤ 3×", 32),
  "stream": Workload("stream of 50 events, 32 connections", "stream", "≤ 2.5×", 32, stream=True),
  "prompt": Workload("100 KB request, 1 KB answer, 8 connections", "request", "", 8, size=100_000),
  "single": Workload("1.9 KB request, 1 KB answer, 1 connection", "request", "added p50 ≤ 200 µs", 1)}


class Bench:
  def __init__(self, options, folder):
    self.options, self.folder, self.rows = options, folder, []
    self.mock = systems.Mock(folder).start()
    self.nginx = systems.Nginx(folder).start(self.mock)
    self.pawang = systems.Pawang(folder).start(self.mock, options.pawang)
    self.peers = []
    for kind, environment in ((systems.TensorZero, options.tensorzero), (systems.LiteLLM, options.litellm)):
      if environment:
        self.peers.append(kind(folder).start(self.mock, environment))
    # What the upstream answered to Pawang; the first answer was asked for when it started.
    self.answers = 1

  def row(self, what, ours, goal="", note=""):
    self.rows.append((what, ours, goal, note))
    print(f"  {what}: {ours}" + (f" (goal {goal})" if goal else "") + (f"; {note}" if note else ""), flush=True)

  def load(self, system, workload):
    connections = min(workload.connections, 4) if system.slow else workload.connections
    return self.run(system, connections, self.options.seconds * (2 if system.slow else 1), **workload.load)

  def run(self, system, connections, seconds, **load):
    before = self.mock.answered()
    done = systems.Load(system, connections, seconds, **load)
    if system is self.pawang:
      self.answers += self.mock.answered() - before
    return done

  def measure(self, name):
    """Rounds of one workload until enough of them count."""
    workload = WORKLOADS[name]
    everyone = [self.pawang, *(self.peers if name in ("json", "stream") else [])]
    for system in [self.nginx, *everyone]:
      self.run(system, 4, 1, **workload.load)
    rounds = {system.name: [] for system in everyone}
    controls, good = [], 0
    before = self.load(self.nginx, workload)
    for _ in range(self.options.rounds * 3):
      measured = {system.name: self.load(system, workload) for system in everyone}
      after = self.load(self.nginx, workload)
      apart = abs(after.microseconds - before.microseconds) / min(after.microseconds, before.microseconds)
      control = (before, after)
      before = after
      if apart > TOLERANCE:
        workload.discarded += 1
        continue
      good += 1
      controls.append(control)
      for system in everyone:
        rounds[system.name].append((measured[system.name], control))
      if good == self.options.rounds:
        break
    if good == 0:
      raise SystemExit(f"{workload.name}: the control never held still; the machine is too busy")
    workload.good = good
    workload.results = {system: summary(values) for system, values in rounds.items()}
    workload.control = {
      name: statistics.median(getattr(load, name) for pair in controls for load in pair)
      for name in ("microseconds", "p50", "p99", "rate")}
    self.tell(name, workload)

  def tell(self, name, workload):
    ours, control = workload.results["Pawang"], workload.control
    said = f"{workload.good} rounds, {workload.discarded} discarded"
    if name == "single":
      added = (ours["p50"] - control["p50"]) * 1e3
      self.row("added p50 at one connection", f"{added:.0f} µs", "≤ 200 µs",
               f"p50 {ours['p50'] * 1e3:.0f} µs, nginx {control['p50'] * 1e3:.0f} µs; {said}")
      return
    self.row(f"CPU of one {workload.unit}: {workload.name}", f"{ours['microseconds']:.0f} µs = {ours['ratio']:.2f}× nginx",
             workload.goal, f"nginx {control['microseconds']:.0f} µs; {said}")
    if name == "stream":
      self.row("CPU of one streamed event", f"{ours['microseconds'] / STREAM_EVENTS:.1f} µs", "≤ 2.5× nginx",
               f"nginx {control['microseconds'] / STREAM_EVENTS:.1f} µs")
    self.row(f"{workload.unit}s a second, gateway on one core", f"{ours['rate']:,.0f}", "",
             f"p50 {ours['p50']:.2f} ms, p99 {ours['p99']:.2f} ms; nginx {control['rate']:,.0f}, "
             f"p50 {control['p50']:.2f} ms, p99 {control['p99']:.2f} ms")
    goals = {"LiteLLM": "≥ 100×", "TensorZero": "≥ 2×"}
    for peer in self.peers:
      if peer.name in workload.results:
        theirs = workload.results[peer.name]
        self.row(f"{peer.name} {peer.version}, CPU of one {workload.unit}",
                 f"{theirs['microseconds'] / ours['microseconds']:,.1f}× ours", goals[peer.name],
                 f"{theirs['microseconds']:,.0f} µs = {theirs['ratio']:,.1f}× nginx, p50 {theirs['p50']:,.1f} ms")

  def translated(self):
    """OpenAI's dialect in, Anthropic's behind: there is nothing to compare with but ourselves."""
    values = [
      self.run(self.pawang, 32, self.options.seconds, stream=True, model="claude").microseconds
      for _ in range(self.options.rounds)]
    each = statistics.median(values)
    self.row("CPU of one translated event, OpenAI over Anthropic", f"{each / STREAM_EVENTS:.1f} µs", "",
             f"{each:.0f} µs a stream")

  def starts(self):
    """Each start finds the ledger that the runs before left."""
    self.pawang.stop()
    seconds = []
    for _ in range(self.options.rounds):
      seconds.append(self.pawang.start_again())
      self.pawang.stop()
    self.row("start to first answer", f"{statistics.median(seconds) * 1e3:.0f} ms", "≤ 100 ms",
             f"worst {max(seconds) * 1e3:.0f} ms")
    self.pawang.start_again()
    self.answers += self.options.rounds + 1
    time.sleep(2)
    self.row("memory, idle after start", f"{self.pawang.memory():.0f} MB", "≤ 40 MB")

  def streams(self, count=1_000):
    """Memory with a thousand slow streams open; a server of its own, since the allocator keeps what a load needed."""
    slow = systems.Mock(self.folder / "slow").start(pause=200)
    ours = systems.Pawang(self.folder / "slow").start(slow, self.options.pawang)
    systems.Load(ours, 4, 1)
    script = ours.folder / "load.lua"
    body = '{"model":"gpt-4o-mini","stream":true,"max_tokens":400,"messages":[{"role":"user","content":"Hi"}]}'
    script.write_text(systems.SCRIPT % (body, ours.key))
    load = subprocess.Popen(
      systems.pinned(systems.LOAD_CORE, ["wrk", "-t1", f"-c{count}", "-d22s", "--timeout", "30s", "-s", script,
                                         f"http://127.0.0.1:{ours.port}{ours.path}"]),
      stdout=subprocess.PIPE, text=True)
    seen, most = 0, 0
    while load.poll() is None:
      seen, most = max(seen, connections_of(ours.port)), max(most, ours.memory())
      time.sleep(0.5)
    said = load.stdout.read()
    result = next(line for line in said.splitlines() if line.startswith("RESULT")).split()
    self.row(f"memory at {count:,} concurrent streams", f"{most:.0f} MB", "≤ 150 MB",
             f"{seen} connections seen, {result[1]} streams ended, {int(result[4]) + int(result[5])} failed")
    ours.stop()
    slow.stop()

  def stalls(self):
    """The longest wait between two events that leave the upstream 5 ms apart, one stream at a time."""
    paced = systems.Mock(self.folder / "paced").start(pause=5)
    ours = systems.Pawang(self.folder / "paced").start(paced, self.options.pawang)
    found, first = {}, {}
    for name, port, key in (("direct", paced.port, ""), ("Pawang", ours.port, ours.key)):
      gaps, firsts = [], []
      for _ in range(40):
        one_first, one_gaps = gaps_of(port, key)
        firsts.append(one_first)
        gaps += one_gaps
      found[name], first[name] = sorted(gaps), firsts
    def middle(values):
      return statistics.median(values) * 1e3
    histogram = ", ".join(
      f"{low}–{high} ms: {sum(low / 1e3 <= gap < high / 1e3 for gap in found['Pawang'])}"
      for low, high in ((0, 4), (4, 7), (7, 10), (10, 20), (20, 30), (30, 40), (40, 1_000)))
    self.row("longest gap between events sent 5 ms apart", f"{found['Pawang'][-1] * 1e3:.1f} ms", "no 40 ms stall",
             f"direct {found['direct'][-1] * 1e3:.1f} ms; {len(found['Pawang'])} gaps: {histogram}")
    self.row("added time to first event", f"{(middle(first['Pawang']) - middle(first['direct'])) * 1e3:.0f} µs", "",
             f"direct {middle(first['direct']):.2f} ms")
    ours.stop()
    paced.stop()

  def parity(self):
    """Every request that the upstream answered is in the ledger."""
    self.pawang.stop()
    agrees, said = self.pawang.server.verify()
    entries = self.pawang.server.run("ledger", "verify", "--json", accept=(0, 1))["entries"]
    # Where wrk broke off, an entry may have no answer; an answer without its entry must not be.
    good = agrees and entries >= self.answers
    self.row("ledger after all of this", "agrees" if good else "DISAGREES", "agrees",
             f"{entries:,} entries, {self.answers:,} answers by the upstream")
    if not good:
      print(said)

  def table(self):
    cpu = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    print(f"\n{datetime.date.today()}, {cpu}, cores: {systems.os.cpu_count()}, Linux {platform.release()}; "
          f"{self.pawang.version}; nginx {self.nginx.version}; median of {self.options.rounds} rounds\n")
    print("| figure | measured | goal | beside |\n|---|---|---|---|")
    for what, ours, goal, note in self.rows:
      print(f"| {what} | {ours} | {goal} | {note} |")


def summary(values):
  loads = [load for load, _ in values]
  ratios = [load.microseconds / statistics.mean(one.microseconds for one in control) for load, control in values]
  return {
    "ratio": statistics.median(ratios),
    **{name: statistics.median(getattr(load, name) for load in loads) for name in ("microseconds", "p50", "p99", "rate")}}


def connections_of(port):
  """Established connections that a server has on its port."""
  wanted = f":{port:04X}"
  return sum(
    fields[1].endswith(wanted) and fields[3] == "01"
    for fields in (line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]))


def gaps_of(port, key):
  """Seconds to the first event of a stream, and between the arrivals of its pieces."""
  body = b'{"model":"gpt-4o-mini","stream":true,"max_tokens":400,"messages":[{"role":"user","content":"Hi"}]}'
  head = (f"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
          f"authorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n").encode()
  with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    started = time.perf_counter()
    connection.sendall(head + body)
    times, text = [], b""
    while b"[DONE]" not in text:
      piece = connection.recv(65_536)
      if not piece:
        raise SystemExit(f"the stream ended early: {text[-300:]}")
      text = text[-64:] + piece
      if b"data:" in piece:
        times.append(time.perf_counter())
  return times[0] - started, [later - earlier for earlier, later in zip(times, times[1:])]


def main():
  options = argparse.ArgumentParser()
  options.add_argument("--pawang", required=True)
  options.add_argument("--litellm", help="folder of its environment")
  options.add_argument("--tensorzero", help="folder of its environment")
  options.add_argument("--rounds", type=int, default=GOOD_ROUNDS)
  options.add_argument("--seconds", type=int, default=3, help="of load for each system in each round")
  options.add_argument("--only", action="append", choices=[
    *WORKLOADS, "translated", "starts", "streams", "stalls", "parity"])
  options = options.parse_args()
  systems.prepare()
  folder = pathlib.Path(tempfile.mkdtemp(prefix="pawang-bench-"))
  # nginx's workers are another user and look into its folder here.
  folder.chmod(0o755)
  (folder / "slow").mkdir()
  (folder / "paced").mkdir()
  try:
    bench = Bench(options, folder)
    for name in WORKLOADS:
      if not options.only or name in options.only:
        bench.measure(name)
    for name in ("translated", "starts", "streams", "stalls", "parity"):
      if not options.only or name in options.only:
        getattr(bench, name)()
    bench.table()
  finally:
    systems.stop_all()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
  main()
