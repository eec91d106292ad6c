#!/usr/bin/env python3
"""What whoever runs the gateway relies on: reloads, drains, limits, owners, TLS and HTTP/2, and HTTP as clients really speak it."""
import concurrent.futures
import json
import os
import shutil
import signal
import socket
import subprocess
import time

import dialects
import gateway
import load

SAID = "Hello from the scripted model. Grüße, 你好 🦊!"


class Operations:
  def __init__(self, folder):
    self.folder, self.checks = folder, gateway.Checks()
    self.upstream = gateway.Upstream("scripted_upstream.py", folder + "/upstream")
    root = f"http://127.0.0.1:{self.upstream.port}"
    self.connections = {
      "open": {"type": "open_ai", "base_url": root + "/v1", "api_key": "upstream-key", "provider": "openai"}}
    self.gpt = {"targets": [{"connection": "open", "model": "gpt-4o-mini"}]}
    self.server = gateway.Gateway(folder + "/workspace")
    self.server.configure(self.connections, {"gpt": self.gpt}, limits={"body": "64KiB"}, drain="8s")
    self.key = self.server.key("--team", "tests")
    self.delegate = self.server.key("--team", "tests", "--delegate", "team,service")

  def ask(self, text="Hi", model="gpt", stream=False, key=None, headers=None, **more):
    answer = gateway.post(
      self.server.port, "/v1/chat/completions", dialects.request("chat", model, text, stream, **more), key or self.key, headers)
    return answer, dialects.Seen("chat", answer, stream)

  def until(self, condition, seconds):
    started = time.monotonic()
    while time.monotonic() - started < seconds:
      if condition():
        return True
      time.sleep(0.05)
    return False

  # -- reloads

  def reloads(self):
    """While streams run, the file changes, and changes wrongly; nothing that runs is disturbed."""
    check = self.checks.check
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
      running = [pool.submit(self.ask, "say 100 words pause 40", stream=True) for _ in range(30)]
      time.sleep(0.5)
      self.server.configure(
        self.connections, {"gpt": self.gpt, "second": self.gpt}, limits={"body": "64KiB"}, drain="8s")
      check(self.until(lambda: self.ask(model="second")[0].status == 200, 3), "a model added to the file is served")
      path = self.server.folder / "pawang.yaml"
      good = path.read_text()
      path.write_text(good.replace('"connection": "open"', '"connection": "nowhere"'))
      self.server.process.send_signal(signal.SIGHUP)
      time.sleep(1)
      check(self.ask()[0].status == 200, "a wrong file leaves the configuration as it was")
      check("nowhere" in self.server.log(), "and the log says what is wrong with it")
      path.write_text(good)
      self.server.configure(self.connections, {"third": self.gpt, "gpt": self.gpt}, limits={"body": "64KiB"}, drain="8s")
      self.server.process.send_signal(signal.SIGHUP)
      check(self.until(lambda: self.ask(model="third")[0].status == 200, 3), "SIGHUP applies the file")
      check(self.ask(model="second")[0].status == 404, "a model taken out of the file is gone")
      seen = [future.result()[1] for future in running]
    whole = sum(one.complete and one.error is None and one.text.count("w") == 100 for one in seen)
    check(whole == 30, "all streams that ran meanwhile came to their end", f"{whole} of 30")

  # -- limits and owners

  def limits(self):
    check = self.checks.check
    answer, seen = self.ask("x" * 100_000)
    check(answer.status == 413 and seen.error, "a body over the limit is refused with 413", f"{answer.status} {answer.broken}")
    raw = self.raw(b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99999999\r\n\r\n")
    check(raw.startswith(b"HTTP/1.1 4"), "and before it is sent, if its length says so", raw[:80])
    check(self.raw(b"GARBAGE\r\n\r\n")[:12] in (b"HTTP/1.1 400", b""), "what is not HTTP is refused")
    check(b" 4" in self.raw(b"GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\nx: " + b"a" * 200_000 + b"\r\n\r\n")[:12],
          "a head over the limit is refused")
    for name in ("x-stainless-timeout", "x-request-timeout-ms"):
      value = "1" if name == "x-stainless-timeout" else "1000"
      answer, seen = self.ask("say 50 words pause 100", headers={name: value})
      check(answer.status == 504 and answer.seconds < 3, f"the deadline of {name} holds", f"{answer.status} {answer.seconds:.1f} s")
    body = self.body("Hi")
    for label, text in (("not JSON", b"{"), ("a list", b"[]"), ("no model", b'{"messages":[]}'), ("a number for the model", b'{"model":5,"messages":[]}'),
                        ("deeply nested", b'{"model":"gpt","messages":' + b"[" * 20_000 + b"]" * 20_000 + b"}"), ("two models", body[:-1] + b',"model":"second"}')):
      status = self.status(self.raw(self.request(text)))
      check(400 <= status < 500 or (label == "two models" and status == 200), f"a body that is {label} gets an answer", str(status))

  def owners(self):
    check = self.checks.check
    self.ask("one", headers={"x-pawang-team": "others"})
    self.ask("two", key=self.delegate, headers={"x-pawang-team": "others", "x-pawang-user": "ulla", "x-pawang-session": "s1"})
    self.ask("three", key=self.delegate, metadata={"service": "checkout"}, user="uwe")
    self.marks = [("tests", None, None), ("others", None, "ulla"), ("tests", "checkout", "uwe")]

  def judge_owners(self, entries):
    """The last three entries that name an owner, in order."""
    found = [(entry.get("team"), entry.get("service"), entry.get("user")) for entry in entries]
    for mark in self.marks:
      wanted = [one for one in found if one[0] == mark[0] and one[1] == mark[1] and (mark[2] is None or one[2] == mark[2])]
      self.checks.check(wanted, f"an entry is attributed to team {mark[0]}, service {mark[1]}, user {mark[2]}", str(found[-3:]))
    self.checks.check(sum(one[0] == "others" for one in found) == 1, "a key that delegates nothing keeps its own team")

  # -- HTTP as it comes

  def body(self, text, **more):
    return json.dumps(dialects.request("chat", "gpt", text, **more)).encode()

  def request(self, body, headers=b"", path=b"/v1/chat/completions"):
    return (b"POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer %s\r\n%scontent-length: %d\r\n\r\n"
            % (path, self.key.encode(), headers, len(body))) + body

  def raw(self, data, wanted=1, seconds=5):
    """Sends bytes as they are, and reads until so many answers are there, or nothing comes any more."""
    received = b""
    with socket.create_connection(("127.0.0.1", self.server.port), timeout=seconds) as connection:
      try:
        for piece in [data] if isinstance(data, bytes) else data:
          connection.sendall(piece)
          time.sleep(0.02)
        while received.count(b"HTTP/1.1 ") < wanted or not received.rstrip().endswith(b"}"):
          piece = connection.recv(65_536)
          if not piece:
            break
          received += piece
      except OSError:
        pass
    return received

  @staticmethod
  def status(raw):
    return int(raw.split(b" ")[1]) if raw.startswith(b"HTTP/1.1 ") else 0

  def transport(self):
    check, body = self.checks.check, self.body("Hi")
    said = SAID.split(".")[0].encode()
    request = self.request(body)
    check(said in self.raw([request[place:place + 1] for place in range(120)] + [request[120:]]), "a head in pieces of one byte")
    two = self.raw(request + request, wanted=2)
    check(two.count(said) == 2, "two requests sent at once get two answers", str(two.count(b"HTTP/1.1 200")))
    chunked = self.request(b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
    parts = [chunked] + [b"%x\r\n%s\r\n" % (len(body[place:place + 20]), body[place:place + 20]) for place in range(0, len(body), 20)]
    check(said in self.raw([*parts, b"0\r\n\r\n"]), "a chunked body")
    head, _, rest = self.request(body, b"expect: 100-continue\r\n").partition(b"\r\n\r\n")
    check(said in self.raw([head + b"\r\n\r\n", rest], wanted=2), "Expect: 100-continue")
    check(said in self.raw(self.request(body, path=b"/openai/deployments/gpt/chat/completions?api-version=2024-10-21")), "Azure's path")
    for path in ("/health", "/ready", "/metrics"):
      raw = self.raw(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
      check(self.status(raw) == 200, f"GET {path}", raw[:80])
    for path, status in (("/v1/responses/resp_1", (404, 501)), ("/nowhere", (404,))):
      raw = self.raw(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {self.key}\r\nconnection: close\r\n\r\n".encode())
      check(self.status(raw) in status and b"{" in raw, f"GET {path} is refused in JSON", raw[:200])
    smuggled = self.request(body, b"transfer-encoding: chunked\r\n")
    check(self.status(self.raw(smuggled)) in (400, 0), "content-length beside transfer-encoding is refused")

  # -- drains

  def drains(self):
    check = self.checks.check
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
      running = [pool.submit(self.ask, "say 60 words pause 50", stream=True) for _ in range(10)]
      time.sleep(1)
      port, started = self.server.port, time.monotonic()
      self.server.process.send_signal(signal.SIGTERM)
      time.sleep(0.5)
      late = gateway.post(port, "/v1/chat/completions", dialects.request("chat", "gpt"), self.key, timeout=5)
      check(late.status in (0, 503), "no new call is taken while it stops", str(late.status))
      seen = [future.result()[1] for future in running]
      check(all(one.complete for one in seen), "streams that run are finished", f"{sum(one.complete for one in seen)} of 10")
      code = self.server.process.wait(20)
      self.server.process = None
    check(code == 0 and time.monotonic() - started < 8, "and the server ends as soon as they are", f"{code}")
    self.server.configure(self.connections, {"gpt": self.gpt}, drain="1s")
    self.server.start()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
      running, started = pool.submit(self.ask, "say 100 words pause 200", stream=True), time.monotonic()
      time.sleep(1)
      self.server.stop()
      seen = running.result()[1]
    check(time.monotonic() - started < 8, "a drain is bounded", f"{time.monotonic() - started:.1f} s")
    check(not seen.complete and seen.error is not None, "what does not end in time ends with an explicit error event", str(seen.error))

  def two_at_once(self):
    self.server.start()
    done = subprocess.run(
      [gateway.BINARY, "serve", "--listen", "127.0.0.1:0"], cwd=self.server.folder, env=self.server.environment,
      stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    self.checks.check(done.returncode not in (0, -6, -11) and "journal" in done.stderr + done.stdout,
                      "a second server on the same ledger is refused, with the reason", done.stderr[-300:])

  # -- TLS

  def tls(self):
    certificate, key = f"{self.folder}/certificate.pem", f"{self.folder}/key.pem"
    subprocess.run(
      ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
       "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    self.server.stop()
    self.server.configure(
      self.connections, {"gpt": self.gpt}, tls={"certificate": certificate, "key": key}, drain="2s")
    self.server.start()
    for version in ("--http2", "--http1.1"):
      for stream in (False, True):
        done = subprocess.run(
          ["curl", "--silent", "--show-error", "--max-time", "20", version, "--cacert", certificate, "--no-buffer",
           "--write-out", "\n%{http_version} %{http_code}", "--header", "content-type: application/json",
           "--header", f"authorization: Bearer {self.key}", "--data", self.body("Hi", stream=stream).decode(),
           f"https://localhost:{self.server.port}/v1/chat/completions"],
          capture_output=True, text=True, check=False, env={**os.environ, "no_proxy": "*"})
        last = done.stdout.rsplit("\n", 1)[-1]
        expected = ("2" if version == "--http2" else "1.1") + " 200"
        right = last == expected and ("[DONE]" in done.stdout if stream else "Hello from" in done.stdout)
        self.checks.check(right, f"TLS with {version.strip('-')}, {'streamed' if stream else 'whole'}", f"{last} {done.stderr[-200:]}")


def main():
  load.raise_limits()
  folder = gateway.folder("operations")
  test = Operations(folder)
  try:
    test.server.start()
    for step in (test.reloads, test.limits, test.transport, test.owners, test.drains, test.two_at_once, test.tls):
      try:
        step()
      except Exception as error:  # one step's end must not hide the others
        test.checks.check(False, step.__name__, f"{type(error).__name__}: {str(error)[:600]}")
        if test.server.process is None or test.server.process.poll() is not None:
          test.server.start()
    test.checks.check(test.server.stop() == 0, "the server ends in order")
    test.judge_owners(test.server.entries())
    agrees, said = test.server.verify()
    test.checks.check(agrees, "pawang ledger verify agrees", said)
  finally:
    try:
      test.server.stop()
    finally:
      test.upstream.stop()
  status = test.checks.finish()
  shutil.rmtree(folder) if status == 0 else print(f"kept: {folder}")
  return status


if __name__ == "__main__":
  raise SystemExit(main())
