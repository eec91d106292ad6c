#!/usr/bin/env python3
"""Memory and CPU of the gateway over many requests: `Benchmarks/gateway/run --soak [REQUESTS]`.

Whole answers and streams come in turn. The drift is what the memory grew by between the first tenth,
when every cache and pool has its size, and the end. At the end every answered request has to be in the ledger.
"""
import argparse
import pathlib
import shutil
import tempfile
import time

import systems

PARTS = 20
LARGEST_DRIFT = 0.05


def main():
  options = argparse.ArgumentParser()
  options.add_argument("--pawang", required=True)
  options.add_argument("--requests", type=int, default=1_000_000)
  options = options.parse_args()
  systems.prepare()
  folder = pathlib.Path(tempfile.mkdtemp(prefix="pawang-soak-"))
  try:
    mock = systems.Mock(folder).start()
    ours = systems.Pawang(folder).start(mock, options.pawang)
    print(f"idle: {ours.memory():.1f} MB", flush=True)
    done, memory, started, part = 0, [], time.monotonic(), options.requests / PARTS
    for number in range(PARTS):
      before = done
      while done < (number + 1) * part:
        done += systems.Load(ours, 64, 3).requests
        done += systems.Load(ours, 64, 3, stream=True).requests
      time.sleep(1)
      memory.append(ours.memory())
      print(f"{done:>10,} requests, {memory[-1]:.1f} MB, {time.monotonic() - started:.0f} s ({done - before:,} in this part)", flush=True)
    early, late = max(memory[:max(1, PARTS // 10)]), memory[-1]
    drift = (late - early) / early
    print(f"drift: {early:.1f} MB → {late:.1f} MB = {drift * 100:+.1f} % (goal ≤ {LARGEST_DRIFT * 100:.0f} %)", flush=True)
    answered = mock.answered()
    ours.stop()
    agrees, said = ours.server.verify()
    print(said)
    good = agrees and drift <= LARGEST_DRIFT
    print(f"{answered:,} requests answered upstream, at least {done:,} of them to the end")
    print(f"{int(good)} passed, {int(not good)} failed")
    return 0 if good else 1
  finally:
    systems.stop_all()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
  raise SystemExit(main())
