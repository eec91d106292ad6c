#!/usr/bin/env python3
"""The sixteen ways an upstream or a client fails, each against Pawang and an upstream of ours that really does it.

    failure_classes.py [--only TEXT]

Every behaviour is met in five combinations of client and upstream dialect, streamed and not, and with three arrangements:

    backed   a healthy second target: the answer must come whole from it, once, unless content was sent already
    alone    no other target: an explicit error in the client's dialect, with the right status, never a silent end
    passing  the failure passes: the next try at the same target succeeds

Afterwards every call's entries in the ledger are compared with what the upstream billed, and `pawang ledger verify` runs.
"""
import argparse
import concurrent.futures
import dataclasses
import shutil
import time

import dialects
import gateway

SAID = "Hello from the polite model. Grüße, 你好 🦊!"
HOSTILE = "Hello from the hostile model. Grüße, 你好 🦊!"
PRICED = {"openai": "gpt-4o-mini", "anthropic": "claude-haiku-4-5"}
# Client's operation and upstream's dialect.
PAIRS = [
  ("chat", "openai"), ("responses", "openai"), ("messages", "anthropic"), ("chat", "anthropic"), ("messages", "openai")]
SHORT = {"connect": "1s", "head": "1500ms", "first_token": "1500ms", "stall": "1500ms"}


@dataclasses.dataclass(frozen=True)
class Behaviour:
  number: int
  title: str
  name: str
  # Statuses of the explicit error when there is no other target.
  statuses: tuple
  # Streamed, it fails after content was sent: the error is an event, whoever else is healthy.
  late: bool = False
  # Either is right when streamed: what comes first depends on how bytes are cut.
  either: bool = False
  plain: bool = True
  streamed: bool = True
  passing: bool = True
  # What `x-should-retry` must not say.
  never_retry: bool = False
  # Whether the provider may have worked for it, so that there has to be an entry.
  entry: bool = True


BEHAVIOURS = [
  Behaviour(1, "connection refused", "refuse", (502,), entry=False, passing=False),
  Behaviour(2, "reset before headers", "reset", (502,)),
  Behaviour(3, "429 with Retry-After", "status-429-after", (429,)),
  Behaviour(3, "429 without Retry-After", "status-429", (429,)),
  Behaviour(3, "429 for an empty account", "status-429-quota", (429,), passing=False, never_retry=True),
  Behaviour(4, "500", "status-500", (502,)),
  Behaviour(4, "503", "status-503", (502, 503)),
  Behaviour(4, "529", "status-529", (502, 529)),
  Behaviour(5, "401 on one of two keys", "one-key", (502,), passing=False, never_retry=True),
  Behaviour(6, "slow headers", "slow-head", (504,)),
  Behaviour(7, "slow first token", "slow-first", (504,)),
  Behaviour(8, "stall mid-stream", "stall", (502, 504), late=True),
  Behaviour(9, "cut mid-stream", "cut", (502,), late=True),
  Behaviour(9, "cut before content", "cut-first", (502,), plain=False),
  Behaviour(9, "a silent end mid-stream", "silent-end", (502,), late=True),
  Behaviour(10, "malformed event", "malformed", (502,), late=True),
  Behaviour(10, "malformed first event", "malformed-first", (502,), plain=False),
  Behaviour(11, "error event after 200", "error-event", (500, 502, 503, 529), late=True),
  Behaviour(11, "error event first", "error-first", (500, 502, 503, 529)),
  Behaviour(12, "empty 200", "empty", (502,)),
  Behaviour(13, "wrong content type", "html", (502,)),
  Behaviour(14, "oversized body", "oversized", (502, 504), passing=False),
  Behaviour(15, "truncated gzip", "truncated-gzip", (502,), either=True),
]
TITLES = {
  1: "connect refused", 2: "reset before headers", 3: "429 with and without Retry-After", 4: "500, 503, 529",
  5: "401 on one of two keys", 6: "slow headers", 7: "slow first token", 8: "stall mid-stream", 9: "cut mid-stream",
  10: "malformed event", 11: "error event after 200", 12: "empty 200", 13: "wrong content type", 14: "oversized body",
  15: "truncated gzip", 16: "client disconnect"}


@dataclasses.dataclass
class Case:
  behaviour: Behaviour
  operation: str
  upstream: str
  stream: bool
  arrangement: str
  answer: gateway.Answer = None
  started: float = 0
  ended: float = 0

  @property
  def model(self):
    form = "stream" if self.stream else "whole"
    return f"{self.behaviour.name}-{self.operation}-{self.upstream}-{form}-{self.arrangement}"

  @property
  def name(self):
    form = "streamed" if self.stream else "whole"
    return f"{self.behaviour.number:2} {self.behaviour.title}, {self.operation} over {self.upstream}, {form}, {self.arrangement}"

  @property
  def fails_late(self):
    return self.stream and self.behaviour.late


def cases():
  for behaviour in BEHAVIOURS:
    for operation, upstream in PAIRS:
      for stream in (False, True):
        if not (behaviour.streamed if stream else behaviour.plain):
          continue
        for arrangement in ("backed", "alone", "passing"):
          if arrangement == "passing" and (not behaviour.passing or (stream and (behaviour.late or behaviour.either))):
            continue
          yield Case(behaviour, operation, upstream, stream, arrangement)
      if behaviour.name == "one-key":
        # The failure named in the class: the second key of the same target answers.
        for stream in (False, True):
          yield Case(behaviour, operation, upstream, stream, "two-keys")


def connection(port, upstream, behaviour, case, key="upstream-key"):
  base = f"http://127.0.0.1:{port}/{behaviour}/{case}"
  if upstream == "anthropic":
    return {"type": "anthropic", "base_url": base, "api_key": key}
  return {"type": "open_ai", "base_url": base + "/v1", "api_key": key, "provider": "openai"}


def identifier(text):
  return "".join(character if character.isalnum() else "_" for character in text)


def workspace(chosen, port, refused):
  connections, models = {}, {}
  for case in chosen:
    name, place = identifier(case.model), case.model.replace(" ", "-")
    behaviour = ("once." if case.arrangement == "passing" else "") + case.behaviour.name
    connections[name] = connection(
      refused if case.behaviour.name == "refuse" else port, case.upstream, behaviour, place)
    hostile = {"connection": name, "model": PRICED[case.upstream], "weight": 1, "timeouts": SHORT, "cool_down": "100ms"}
    targets = [hostile]
    if case.arrangement == "two-keys":
      connections[name + "_good"] = connection(port, case.upstream, behaviour, place, "upstream-key-good")
      hostile["connection"] = [name, name + "_good"]
    if case.arrangement == "backed":
      connections[name + "_polite"] = connection(port, case.upstream, "polite", place)
      # Weight 0: used only when no other can be.
      targets.append({
        "connection": name + "_polite", "model": PRICED[case.upstream], "weight": 0, "timeouts": {**SHORT, "head": "10s"}})
    models[case.model] = {"targets": targets, "retries": {"attempts": 2, "pause": "50ms"}}
  for policy in ("cancel", "drain"):
    for operation, upstream in PAIRS:
      name = identifier(f"left_{policy}_{operation}_{upstream}")
      connections[name] = connection(port, upstream, "polite", name)
      models[name] = {"targets": [{"connection": name, "model": PRICED[upstream]}], "on_disconnect": policy}
  return connections, models


def ask(case, port, key):
  case.started = time.time()
  case.answer = gateway.post(
    port, dialects.PATHS[case.operation], dialects.request(case.operation, case.model, stream=case.stream), key,
    dialects.headers(case.operation, key), timeout=40)
  case.ended = time.time()


def judge(case, checks, entries, bill):
  """Compares one case with what has to be."""
  behaviour, answer = case.behaviour, case.answer
  seen = dialects.Seen(case.operation, answer, case.stream)
  brief = f"status {answer.status} {answer.broken} text {seen.text!r} error {seen.error} body {answer.body[-120:]!r}"

  def check(condition, what):
    return checks.check(condition, f"{case.name}: {what}", brief)

  check(not seen.trouble, f"the answer can be read ({seen.trouble})")
  good = case.arrangement in ("backed", "passing", "two-keys")
  late = case.fails_late or (case.stream and behaviour.either and seen.error is not None and answer.status == 200)
  if late:
    check(answer.status == 200 and seen.error is not None, "ends with an explicit error event")
    check(not seen.complete, "does not pretend to be complete")
    check(HOSTILE.startswith(seen.text), "brings nothing twice and nothing of another target")
    check(seen.text or behaviour.either, "brings the content that was there")
    check(dialects.error_problem(case.operation, seen.error) == "",
          f"error form: {dialects.error_problem(case.operation, seen.error)}")
  elif good:
    check(answer.status == 200 and seen.complete and seen.error is None, "is answered")
    check(seen.text == SAID, "has the polite text, once")
    check(seen.events_after_end == 0, "nothing follows the end")
    if behaviour.name == "status-429-after" and case.arrangement == "passing":
      check(answer.seconds >= 1, f"waits as Retry-After says ({answer.seconds:.1f} s)")
  else:
    check(answer.status in behaviour.statuses, f"has one of the statuses {behaviour.statuses}")
    check(dialects.error_problem(case.operation, seen.error) == "",
          f"error form: {dialects.error_problem(case.operation, seen.error)}")
    said = answer.headers.get("x-should-retry")
    check(said in (None, "true", "false"), f"x-should-retry is {said}")
    if behaviour.never_retry:
      check(said == "false", f"x-should-retry is {said}")
    check("x-request-id" in answer.headers or "request-id" in answer.headers, "has a request id")
    if behaviour.name == "status-429-after":
      check(answer.headers.get("retry-after", "").isdigit(), "passes Retry-After on")
  check(answer.broken in ("", "incomplete") if late else answer.broken == "", f"the connection ends in order: {answer.broken}")
  check(answer.seconds < 12, f"takes {answer.seconds:.1f} s")
  requests = [line for line in bill if line["kind"] == "asked" and line.get("case") == case.model.replace(" ", "-")]
  spans = [line["span"] for line in requests]
  check(len(set(spans)) <= 2, f"is tried at most twice ({len(set(spans))} times)")
  check(len(set(spans)) == len(spans), f"is not sent twice on one reservation ({len(spans)} requests, {len(set(spans))} reservations)")
  judge_ledger(case, check, entries, bill, requests, late)


def judge_ledger(case, check, entries, bill, requests, late):
  ours = [entry for entry in entries if entry["model"] == case.model]
  billed = {line["number"]: line for line in bill if line["kind"] == "billed"}
  attempts = [entry["attempt"] for entry in ours]
  check(len(attempts) == len(set(attempts)), f"has each attempt once in the ledger {attempts}")
  exact_cost = sum(
    gateway.cost(PRICED[case.upstream], billed[line["number"]]["input"], billed[line["number"]]["output"])
    for line in requests if line["number"] in billed and billed[line["number"]]["complete"])
  exact = [entry for entry in ours if entry["basis"] == "exact"]
  if case.behaviour.entry:
    check(ours, "has an entry in the ledger")
    spans = {entry["span"] for entry in ours}
    check(all(line["span"] in spans for line in requests), "every request that reached the upstream has its entry")
  ledger_cost = sum(entry["cost_nano_usd"] or 0 for entry in exact)
  check(ledger_cost == exact_cost, f"the exact entries cost {ledger_cost}, the upstream billed {exact_cost}")
  if late or case.arrangement == "alone":
    check(all(entry.get("failure") for entry in ours), "every entry names its failure")


def disconnects(checks, port, key):
  """Clients that go away; returns what was seen of each, for `judge_disconnects`."""
  left = []
  for policy in ("cancel", "drain"):
    for operation, upstream in PAIRS:
      for stream in (True, False):
        name = identifier(f"left_{policy}_{operation}_{upstream}")
        session = f"{name}-{'stream' if stream else 'whole'}"
        text = "Please say 60 words pause 50" if stream else "Please say 30 words pause 50"
        left.append((policy, operation, upstream, stream, name, session, text))

  def leave(one):
    policy, operation, upstream, stream, name, session, text = one
    body = dialects.request(operation, name, f"{text} for {session}", stream=stream)
    enough = lambda answer: answer.body.count(b"w1") >= 2  # noqa: E731
    answer = gateway.post(
      port, dialects.PATHS[operation], body, key, dialects.headers(operation, key), timeout=10 if stream else 0.5,
      read=enough)
    return one, answer, time.time()

  with concurrent.futures.ThreadPoolExecutor(20) as pool:
    seen = list(pool.map(leave, left))
  time.sleep(6)
  return seen


def judge_disconnects(checks, seen, entries, bill):
  billed = {line["number"]: line for line in bill if line["kind"] == "billed"}
  for (policy, operation, upstream, stream, name, session, _), answer, when in seen:
    label = f"16 client disconnect, {operation} over {upstream}, {'streamed' if stream else 'whole'}, {policy}"
    requests = [line for line in bill if line["kind"] == "asked" and line.get("case") == name]
    # Two calls by model: one of 60 words, one of 30.
    mine = [line for line in requests if (billed.get(line["number"], {}).get("input") is not None)]
    ours = [entry for entry in entries if entry["model"] == name and entry["stream"] == stream]
    checks.check(answer.broken in ("left", "timeout"), f"{label}: the client left early", answer.broken)
    if not checks.check(len(ours) == 1, f"{label}: has one entry in the ledger", str(len(ours))):
      continue
    entry = ours[0]
    line = next((line for line in mine if line["span"] == entry["span"]), None)
    if not checks.check(line is not None, f"{label}: the upstream knows its span"):
      continue
    end = billed[line["number"]]
    exact = gateway.cost(PRICED[upstream], end["input"], end["output"])
    if policy == "drain":
      checks.check(end["complete"], f"{label}: the upstream's answer is read to its end")
      checks.check(entry["basis"] == "exact" and entry["cost_nano_usd"] == exact, f"{label}: is billed exactly",
                   f"{entry['basis']} {entry['cost_nano_usd']} {exact}")
    else:
      checks.check(not end["complete"], f"{label}: the upstream's answer is cancelled")
      checks.check(end["time"] - when < 2, f"{label}: within two seconds", f"{end['time'] - when:.1f}")
      checks.check(entry["basis"] == "estimated" and entry["cost_nano_usd"] > 0, f"{label}: is billed as estimated",
                   f"{entry['basis']} {entry['cost_nano_usd']}")


def main():
  options = argparse.ArgumentParser()
  options.add_argument("--only", default="", help="only cases whose name holds this text")
  options = options.parse_args()
  checks, folder = gateway.Checks(), gateway.folder("failures")
  server, upstream = gateway.Gateway(folder + "/workspace"), gateway.Upstream("hostile_upstream.py", folder + "/upstream")
  holder, refused = gateway.closed_port()
  chosen = [case for case in cases() if options.only in case.name]
  try:
    connections, models = workspace(chosen, upstream.port, refused)
    server.configure(connections, models, limits={"answer": "4MiB"})
    key = server.key("--team", "tests")
    server.start()
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
      list(pool.map(lambda case: ask(case, server.port, key), chosen))
    left = disconnects(checks, server.port, key) if "disconnect" in options.only or not options.only else []
    checks.check(server.stop() == 0, "the server ends in order after SIGTERM")
    entries, bill = server.entries(), upstream.bill()
    results = {}
    for case in chosen:
      before = len(checks.failures)
      judge(case, checks, entries, bill)
      results.setdefault(case.behaviour.number, []).append(len(checks.failures) == before)
    before = len(checks.failures)
    judge_disconnects(checks, left, entries, bill)
    if left:
      results[16] = [len(checks.failures) == before] * len(left)
    checks.check(not [line for line in bill if line["kind"] == "leak"], "no key of a client's reaches an upstream")
    agrees, said = server.verify()
    checks.check(agrees, "pawang ledger verify agrees", said)
    print(f"{'failure class':36} cases  good")
    for number, outcomes in sorted(results.items()):
      print(f"{number:2} {TITLES[number]:33} {len(outcomes):5} {sum(outcomes):5}")
  finally:
    holder.close()
    try:
      server.stop()
    finally:
      upstream.stop()
  status = checks.finish()
  if status == 0:
    shutil.rmtree(folder)
  else:
    print(f"kept: {folder}")
  return status


if __name__ == "__main__":
  raise SystemExit(main())
