#!/usr/bin/env python3
"""kill -9 at random moments under load; afterwards the ledger and the upstream's bill have to tell the same.

    kills.py [KILLS] [--seed N]      20 kills unless said otherwise

After every kill the server starts again on what the dead one left. In the end

    every request that the upstream got has one entry, and no entry but one flagged as unreconciled lacks its request
    exact entries cost what the upstream billed; unreconciled ones are the whole reservation, and never less than the bill
    every answer that a client got to its end is in the ledger, and was asked of the upstream once
    ledger = bill + what the flagged entries hold above theirs, to the nano-dollar, and `pawang ledger verify` agrees
"""
import argparse
import asyncio
import collections
import random
import re
import shutil
import signal
import subprocess
import time

import dialects
import gateway
import load

PAIRS = [("chat", "gpt"), ("responses", "gpt"), ("messages", "claude"), ("chat", "claude"), ("messages", "gpt")]
PRICED = {"gpt": "gpt-4o-mini", "claude": "claude-haiku-4-5"}
CALLERS = 12
IDENTIFIER = re.compile(rb'"id": ?"(?:resp_|msg_|chatcmpl-)?([0-9a-f]{16})"')


class Trial:
  def __init__(self, folder, seed):
    self.random = random.Random(seed)
    self.upstream = gateway.Upstream("scripted_upstream.py", folder + "/upstream")
    self.server = gateway.Gateway(folder + "/workspace")
    root = f"http://127.0.0.1:{self.upstream.port}"
    self.server.configure(
      {"open": {"type": "open_ai", "base_url": root + "/v1", "api_key": "upstream-key", "provider": "openai"},
       "anthropic": {"type": "anthropic", "base_url": root, "api_key": "upstream-key"}},
      {"gpt": {"targets": [{"connection": "open", "model": PRICED["gpt"]}]},
       "claude": {"targets": [{"connection": "anthropic", "model": PRICED["claude"]}]}},
      [{"scope": "global", "per": "month", "limit": "1000000 USD"},
       {"scope": "team", "name": "payments", "per": "day", "limit": "1000000 USD"}])
    self.key = self.server.key("--team", "payments", "--service", "checkout", "--use-case", "refunds")
    self.count, self.answers, self.statuses, self.starts = 0, [], collections.Counter(), []

  async def caller(self, port, until):
    while time.monotonic() < until:
      self.count += 1
      operation, model = self.random.choice(PAIRS)
      stream = self.random.random() < 0.6
      words, pause = self.random.randint(1, 25), self.random.choice([0, 0, 1, 5, 20])
      text = f"say {words} words pause {pause} number {self.count}"
      limit = {"chat": "max_tokens", "responses": "max_output_tokens", "messages": "max_tokens"}[operation]
      outcome = await load.call(
        port, operation, dialects.request(operation, model, text, stream, **{limit: 60}), self.key, limit=20)
      self.statuses[outcome.status] += 1
      if outcome.status == 0:
        # The server is gone; the next one has another port.
        return
      if outcome.status == 200 and outcome.complete:
        self.answers.append(IDENTIFIER.search(outcome.body)[1].decode())

  async def under_load(self, seconds, kills):
    started = time.monotonic()
    callers = [asyncio.ensure_future(self.caller(self.server.port, started + seconds)) for _ in range(CALLERS)]
    if kills:
      await asyncio.sleep(seconds)
      self.server.process.send_signal(signal.SIGKILL)
    await asyncio.gather(*callers)
    if kills:
      self.server.kill()

  def kill_once(self):
    if self.random.random() < 0.15:
      # While it starts, and reads what the one before left behind.
      process = subprocess.Popen(
        [gateway.BINARY, "serve", "--listen", "127.0.0.1:0"], cwd=self.server.folder, env=self.server.environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
      time.sleep(self.random.uniform(0, 0.15))
      process.kill()
      process.wait()
      return
    self.starts.append(self.server.start())
    asyncio.run(self.under_load(self.random.uniform(0.02, 0.7), kills=True))

  def judge(self, checks):
    entries, bill = self.server.entries(), self.upstream.bill()
    asked = {line["span"]: line for line in bill if line["kind"] == "asked"}
    billed = {line["number"]: line for line in bill if line["kind"] == "billed"}
    requests = sum(line["kind"] == "asked" for line in bill)
    checks.check(len(asked) == requests, "no request is sent twice on one reservation", f"{requests - len(asked)} are")
    by_span = {entry["span"]: entry for entry in entries}
    identities = collections.Counter((entry["call"], entry["attempt"]) for entry in entries)
    checks.check(max(identities.values()) == 1 and len(by_span) == len(entries), "no entry is doubled")
    lost = [span for span in asked if span not in by_span]
    checks.check(not lost, "nothing is lost: every request at the upstream has its entry", f"{len(lost)}: {lost[:5]}")
    sum_ledger = sum_bill = sum_above = 0
    counts, wrong = collections.Counter(), []
    for entry in entries:
      line = asked.get(entry["span"])
      end = billed.get(line["number"]) if line else None
      cost = gateway.cost(PRICED[entry["model"]], end["input"], end["output"]) if end else 0
      basis = entry["basis"]
      counts[basis] += 1
      sum_ledger += entry["cost_nano_usd"]
      sum_bill += cost
      if basis != "exact":
        sum_above += entry["cost_nano_usd"] - cost
      if basis == "exact":
        right = end is not None and entry["cost_nano_usd"] == cost
      elif basis == "unreconciled":
        right = entry["cost_nano_usd"] >= cost
      else:
        right = end is not None
      if not right:
        wrong.append(f"{basis} {entry['model']} cost {entry['cost_nano_usd']}, bill {cost}, {end}")
    checks.check(not wrong, "every entry agrees with the bill as its basis says", f"{len(wrong)}: {wrong[:3]}")
    checks.check(sum_ledger == sum_bill + sum_above, f"{sum_ledger} = {sum_bill} + {sum_above}")
    of_answer = {}
    for line in asked.values():
      of_answer.setdefault(line["answer"], []).append(line["span"])
    repeated = [answer for answer in self.answers if len(of_answer.get(answer, [])) != 1]
    checks.check(not repeated, "every answer was asked of the upstream once", str(repeated[:3]))
    missing = [answer for answer in self.answers if not any(span in by_span for span in of_answer.get(answer, []))]
    checks.check(not missing, "every answer that a client has is in the ledger", str(missing[:3]))
    checks.check(counts["unreconciled"] > 0 and counts["exact"] > 0, "the kills met calls in work", str(dict(counts)))
    print(f"entries: {dict(counts)}; ledger {sum_ledger / 1e9:.9f} USD = bill {sum_bill / 1e9:.9f} + flagged {sum_above / 1e9:.9f}")
    print(f"clients: {len(self.answers)} whole answers, statuses {dict(self.statuses)}")
    print(f"starts: median {sorted(self.starts)[len(self.starts) // 2] * 1e3:.0f} ms, worst {max(self.starts) * 1e3:.0f} ms")


def main():
  options = argparse.ArgumentParser()
  options.add_argument("kills", nargs="?", type=int, default=20)
  options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
  options = options.parse_args()
  print(f"seed {options.seed}, {options.kills} kills", flush=True)
  load.raise_limits()
  checks, folder = gateway.Checks(), gateway.folder("kills")
  trial = Trial(folder, options.seed)
  try:
    for number in range(options.kills):
      trial.kill_once()
      if (number + 1) % 50 == 0:
        print(f"{number + 1} kills, {trial.count} calls", flush=True)
    # The last one ends in order.
    trial.starts.append(trial.server.start())
    asyncio.run(trial.under_load(1, kills=False))
    checks.check(trial.server.stop() == 0, "the last server ends in order")
    settle(trial.upstream)
    trial.judge(checks)
    agrees, said = trial.server.verify()
    checks.check(agrees, "pawang ledger verify agrees", said)
  finally:
    try:
      if trial.server.process:
        trial.server.kill()
    finally:
      trial.upstream.stop()
  status = checks.finish()
  shutil.rmtree(folder) if status == 0 else print(f"kept: {folder}")
  return status


def settle(upstream):
  """Waits until the upstream has ended, and billed, everything it was asked."""
  for _ in range(100):
    bill = upstream.bill()
    if sum(line["kind"] == "asked" for line in bill) == sum(line["kind"] == "billed" for line in bill):
      return
    time.sleep(0.1)
  raise AssertionError("the upstream still answers")


if __name__ == "__main__":
  raise SystemExit(main())
