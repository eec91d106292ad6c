#!/usr/bin/env python3
"""Runs the flows that need packages from PyPI, with those packages in the environment of their workspace.

A server on loopback stands in for the model and the web page; the clients are the real `openai` and `requests`.
"""
import argparse
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

HERE = pathlib.Path(__file__).parent
PAGE = '<html><head><title>Tide tables</title></head><body><a href="/high">high</a> <a href="/low">low</a></body></html>'
KEY = "sk-test-of-packages"


class Peer(http.server.BaseHTTPRequestHandler):
  def reply(self, kind, text):
    body = text.encode()
    self.send_response(200)
    self.send_header("content-type", kind)
    self.send_header("content-length", str(len(body)))
    self.end_headers()
    self.wfile.write(body)

  def do_GET(self):
    self.reply("text/html", PAGE)

  def do_POST(self):
    asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
    if self.headers["authorization"] != "Bearer " + KEY:
      self.send_error(401)
      return
    content = "heard: " + asked["messages"][-1]["content"]
    self.reply("application/json", json.dumps({
      "id": "chat-1", "object": "chat.completion", "created": 1, "model": asked["model"],
      "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
      "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}))

  def log_message(self, *arguments):
    pass


def picture(python):
  """A red PNG of 3 by 2 pixels as prompt flow's image input."""
  code = ("import PIL.Image, io, base64; out = io.BytesIO(); PIL.Image.new('RGB', (3, 2), 'red').save(out, 'PNG');"
          "print(base64.b64encode(out.getvalue()).decode())")
  text = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
  return {"data:image/png;base64": text}


def cases(url, python):
  """Flow, inputs of its one line, and what must come out."""
  image = picture(python)
  yield "scrape", {"url": url + "/page"}, {"title": "Tide tables", "links": ["/high", "/low"]}
  yield "vectors", {"wanted": [0.1, 0.9, 0.2]}, {"nearest": 1}
  yield "picture", {"picture": image}, {"size": [3, 2]}
  yield "chain", {"topic": "tides"}, {"answer": "ABOUT TIDES."}
  yield "client", {"question": "when?"}, {"answer": "heard: when?"}
  yield "package-tools", {"name": "Ana Lee"}, {
    "greeting": "Good day, Ana Lee", "words": 4, "same_words": 4,
    "asked": "https://models.example.org <- Answer this: Good day, Ana Lee"}
  yield "flex", {"question": "why?"}, {"answer": "heard: why?"}
  yield "prompty-in-python", {"question": "who?"}, {"answer": "heard: who?"}


def problem_of(name, inputs, expected, pawang, workspace, environment):
  """Why a case failed, or None."""
  data = workspace / "line.jsonl"
  data.write_text(json.dumps(inputs) + "\n")
  ran = subprocess.run([pawang, "run", name, "--data", str(data), "--json"], cwd=workspace, env=environment,
                       capture_output=True, text=True, timeout=300)
  if ran.returncode != 0:
    return "exit status %d\n%s\n%s" % (ran.returncode, ran.stdout[-2000:], ran.stderr[-2000:])
  if KEY in ran.stdout + ran.stderr:
    return "the key is in what it printed"
  result = json.loads(ran.stdout)
  outputs = result["lines"][0]["outputs"]
  for output, value in expected.items():
    if outputs.get(output) != value:
      return "output %s is %r, not %r" % (output, outputs.get(output), value)
  if name == "vectors" and result["metrics"] != {"accuracy": 1}:
    return "metrics are %r" % result["metrics"]
  if name == "picture" and not isinstance(outputs.get("turned"), dict):
    return "the turned picture is %r" % outputs.get("turned")
  return None


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--pawang", required=True)
  parser.add_argument("--environment", required=True, help="the environment that has the packages")
  options = parser.parse_args()
  python = os.path.join(options.environment, "bin", "python")
  server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
  threading.Thread(target=server.serve_forever, daemon=True).start()
  url = "http://127.0.0.1:%d" % server.server_port
  passed = failed = 0
  with tempfile.TemporaryDirectory() as folder:
    workspace = pathlib.Path(folder) / "workspace"
    shutil.copytree(HERE / "workspace", workspace)
    with open(workspace / "pawang.yaml", "a") as file:
      file.write("python: %s\n" % python)
    environment = {**os.environ, "MOCK_URL": url, "MOCK_KEY": KEY, "PF_DISABLE_TRACING": "true"}
    for name, inputs, expected in cases(url, python):
      problem = problem_of(name, inputs, expected, options.pawang, workspace, environment)
      print("%s: %s" % (name, problem or "ok"), flush=True)
      passed, failed = passed + (not problem), failed + bool(problem)
  server.shutdown()
  print("%d passed, %d failed" % (passed, failed))
  raise SystemExit(failed > 0)


if __name__ == "__main__":
  main()
