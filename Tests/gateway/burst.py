#!/usr/bin/env python3
"""A thousand callers at once on a budget for exactly one request: exactly one passes.

    burst.py [CALLERS]

The budget is 0.0009 USD; a request reserves a little more than 0.0006 and, since the answer has as many tokens as it may,
costs as much: at no time is there room for a second one.
"""
import asyncio
import shutil
import sys
import time

import dialects
import gateway
import load

LIMIT = "0.0009 USD"
TOKENS = 1_000


def main():
  callers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
  load.raise_limits()
  checks, folder = gateway.Checks(), gateway.folder("burst")
  upstream, server = gateway.Upstream("scripted_upstream.py", folder + "/upstream"), gateway.Gateway(folder + "/workspace")
  root = f"http://127.0.0.1:{upstream.port}"
  try:
    server.configure(
      {"open": {"type": "open_ai", "base_url": root + "/v1", "api_key": "upstream-key", "provider": "openai"}},
      {"gpt": {"targets": [{"connection": "open", "model": "gpt-4o-mini"}]}},
      [{"scope": "team", "name": f"team-{form}", "per": "month", "limit": LIMIT, "owner": "tess@example.org"} for form in ("whole", "stream")]
      + [{"scope": "use_case", "name": "case", "per": "total", "limit": LIMIT, "owner": "tess@example.org"}])
    trials = [
      ("a team's budget, whole answers", False, server.key("--team", "team-whole"), "budget_exceeded"),
      ("a team's budget, streams", True, server.key("--team", "team-stream"), "budget_exceeded"),
      ("a key's budget, streams", True, server.key("--budget", "0.0009/day"), "budget_exceeded"),
      ("a use case's budget, whole answers", False, server.key("--use-case", "case"), "budget_exceeded"),
      ("one request a minute", False, server.key("--rpm", 1), "rate_limit_exceeded")]
    server.start()
    for name, stream, key, code in trials:
      before = sum(line["kind"] == "asked" for line in upstream.bill())
      started = time.monotonic()
      body = dialects.request("chat", "gpt", f"say {TOKENS} words", stream, max_tokens=TOKENS)
      outcomes = asyncio.run(load.burst(server.port, "chat", body, key, callers))
      passed = [outcome for outcome in outcomes if outcome.status == 200]
      refused = [outcome for outcome in outcomes if outcome.status == 429 and outcome.error_code() == code]
      asked = sum(line["kind"] == "asked" for line in upstream.bill()) - before
      print(f"{name}: {len(passed)} of {callers} passed, {len(refused)} refused, {time.monotonic() - started:.1f} s", flush=True)
      checks.check(len(passed) == 1, f"{name}: exactly one passes", str(len(passed)))
      checks.check(all(outcome.complete for outcome in passed), f"{name}: and is answered to its end")
      others = {(outcome.status, outcome.error_code()) for outcome in outcomes if outcome.status != 200} - {(429, code)}
      checks.check(len(refused) == callers - 1, f"{name}: all others are refused as {code}", str(others))
      checks.check(asked == 1, f"{name}: the upstream is asked once", str(asked))
      if code == "budget_exceeded":
        checks.check(all(outcome.headers.get("x-should-retry") == "false" for outcome in refused), f"{name}: without a retry")
    checks.check(server.stop() == 0, "the server ends in order")
    entries = server.entries()
    checks.check(len(entries) == len(trials), "the ledger has one entry for each trial", str(len(entries)))
    agrees, said = server.verify()
    checks.check(agrees, "pawang ledger verify agrees", said)
  finally:
    try:
      server.stop()
    finally:
      upstream.stop()
  status = checks.finish()
  shutil.rmtree(folder) if status == 0 else print(f"kept: {folder}")
  return status


if __name__ == "__main__":
  raise SystemExit(main())
