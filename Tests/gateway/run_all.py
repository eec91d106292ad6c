#!/usr/bin/env python3
"""Runs every test of this folder in turn and adds up what they count; its last line is what bin/test reads.

    run_all.py [--promptflow PYTHON] [--kills N]
"""
import argparse
import re
import subprocess
import sys
import time

import gateway
import sdk_clients

COUNTED = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)
LIMIT_SECONDS = 1_800


def main():
  options = argparse.ArgumentParser()
  options.add_argument("--promptflow", default=str(sdk_clients.PROMPTFLOW))
  options.add_argument("--kills", default="20")
  options = options.parse_args()
  passed = failed = 0
  for program in (
    ["scripted_upstream.py", "--self-test"], ["failure_classes.py"],
    ["sdk_clients.py", "--small-model", "--promptflow", options.promptflow], ["translation_check.py"],
    ["operations.py"], ["burst.py"],
    ["kills.py", options.kills]):
    started = time.monotonic()
    try:
      done = subprocess.run(
        [sys.executable, str(gateway.HERE / program[0]), *program[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=LIMIT_SECONDS, check=False)
      output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
      output, status = (error.stdout or b"").decode(errors="replace"), 1
    counts = COUNTED.findall(output)
    good, bad = (int(number) for number in counts[-1]) if counts else (0, 1)
    # A program that ends badly without a failed check has failed all the same.
    bad = max(bad, 1) if status else bad
    print(f"{program[0]}: {good} passed, {bad} failed, {time.monotonic() - started:.0f} s", flush=True)
    if bad:
      print(output[-6_000:], flush=True)
    passed, failed = passed + good, failed + bad
  print(f"{passed} passed, {failed} failed")
  return 1 if failed else 0


if __name__ == "__main__":
  raise SystemExit(main())
