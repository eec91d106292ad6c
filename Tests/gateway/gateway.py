"""Pawang as the tests run it: a workspace of its own, keys, the server's process, its ledger, and calls to it by hand."""
import dataclasses
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ.get("PAWANG_BINARY") or str(pathlib.Path.home() / ".cache/pawang/debug/debug/pawang")
# The most that `pawang ledger list` lists.
LARGEST_LIST = 100_000
# Published prices, in nano-dollars a token: what the tests add up themselves.
PRICES = {"gpt-4o-mini": (150, 600), "claude-haiku-4-5": (1_000, 5_000), "text-embedding-3-small": (20, 0)}


# Asked to end, a test still stops what it started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Upstream:
  """A Python upstream in a process of its own, with its bill."""

  def __init__(self, script, folder):
    self.folder = pathlib.Path(folder)
    self.process = subprocess.Popen(
      [sys.executable, str(HERE / script), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    self.port = int(self.process.stdout.readline())

  def bill(self):
    with open(self.folder / "bill.jsonl", encoding="utf-8") as file:
      return [json.loads(line) for line in file]

  def stop(self):
    self.process.stdin.close()
    try:
      self.process.wait(10)
    except subprocess.TimeoutExpired:
      self.process.kill()
      self.process.wait()


class Gateway:
  def __init__(self, folder, name="tests"):
    self.folder = pathlib.Path(folder)
    self.folder.mkdir(parents=True, exist_ok=True)
    self.name, self.process, self.port = name, None, None
    self.port_file = self.folder / "port"
    self.log_path = self.folder / "serve.log"
    self.environment = {
      **{key: value for key, value in os.environ.items() if not key.startswith("PAWANG_") or key == "PAWANG_PYTHON"},
      "NO_COLOR": "1"}

  def configure(self, connections, models, budgets=(), **settings):
    """Writes the workspace. Values are JSON, which is YAML as well."""
    lines = [f"name: {self.name}", "flows: flows", "connections: connections.yaml", "store: .pawang/pawang.db"]
    if settings:
      lines.append(f"gateway: {json.dumps(settings)}")
    lines.append("models:")
    lines += [f"  {json.dumps(name)}: {json.dumps(model)}" for name, model in models.items()]
    if budgets:
      lines.append("budgets:")
      lines += [f"  - {json.dumps(budget)}" for budget in budgets]
    # Renamed into place: a running server must never read half a file.
    for name, text in (
      ("connections.yaml", "".join(f"{name}: {json.dumps(value)}\n" for name, value in connections.items())),
      ("pawang.yaml", "\n".join(lines) + "\n")):
      beside = self.folder / (name + ".new")
      beside.write_text(text, encoding="utf-8")
      beside.rename(self.folder / name)
    (self.folder / "flows").mkdir(exist_ok=True)

  def run(self, *arguments, accept=(0,)):
    """A command in the workspace; its output, or its JSON if it was asked for."""
    done = subprocess.run(
      [BINARY, *map(str, arguments)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
      capture_output=True, text=True, timeout=120, check=False)
    if done.returncode not in accept:
      raise AssertionError(
        f"pawang {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stdout[-1_000:]}{done.stderr[-2_000:]}")
    return json.loads(done.stdout) if "--json" in arguments else done.stdout

  def key(self, *arguments):
    return self.run("key", "create", "--json", *arguments)["key"]

  def start(self, *arguments, limit=30):
    """Starts the server and waits until it listens; returns the seconds that took."""
    self.port_file.unlink(missing_ok=True)
    started = time.monotonic()
    with open(self.log_path, "ab") as log:
      self.process = subprocess.Popen(
        [BINARY, "serve", "--listen", "127.0.0.1:0", "--port-file", str(self.port_file), *map(str, arguments)],
        cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    while True:
      if self.process.poll() is not None:
        raise AssertionError(f"pawang serve ended with {self.process.returncode}:\n{self.log()[-3_000:]}")
      try:
        self.port = int(self.port_file.read_text())
        break
      except (OSError, ValueError):
        pass
      if time.monotonic() - started > limit:
        raise AssertionError(f"pawang serve does not listen after {limit} s:\n{self.log()[-3_000:]}")
      time.sleep(0.002)
    return time.monotonic() - started

  def log(self):
    return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""

  def stop(self, limit=40):
    """Asks the server to end, as systemd does, and waits."""
    if self.process is None:
      return 0
    if self.process.poll() is None:
      self.process.send_signal(signal.SIGTERM)
      try:
        self.process.wait(limit)
      except subprocess.TimeoutExpired:
        self.process.kill()
        self.process.wait()
        raise AssertionError(f"pawang serve does not end {limit} s after SIGTERM:\n{self.log()[-2_000:]}") from None
    code, self.process = self.process.returncode, None
    return code

  def kill(self):
    self.process.kill()
    self.process.wait()
    self.process = None

  def entries(self):
    """All entries of the ledger, oldest first."""
    listed = self.run("ledger", "list", "--json", "--limit", LARGEST_LIST)["entries"]
    if len(listed) == LARGEST_LIST:
      raise AssertionError(f"the ledger has more than {LARGEST_LIST} entries, and more cannot be listed")
    return list(reversed(listed))

  def verify(self):
    """Whether entries, balances and spans agree; what the command says if not."""
    done = subprocess.run(
      [BINARY, "ledger", "verify"], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
      capture_output=True, text=True, timeout=300, check=False)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


@dataclasses.dataclass
class Answer:
  status: int
  headers: dict
  body: bytes = b""
  # How the connection ended if not in order.
  broken: str = ""
  seconds: float = 0
  first_byte: float = 0

  def json(self):
    return json.loads(self.body)

  def events(self):
    """(name, data) of every event."""
    events = []
    for block in self.body.decode(errors="replace").replace("\r\n", "\n").split("\n\n"):
      name, data = None, []
      for line in block.split("\n"):
        if line.startswith("event:"):
          name = line[6:].strip()
        elif line.startswith("data:"):
          data.append(line[5:].removeprefix(" "))
      if data:
        events.append((name, "\n".join(data)))
    return events


def post(port, path, body, key, headers=None, timeout=30, read=None):
  """One POST on a connection of its own. `read(answer so far) -> bool` ends it early: the client goes away."""
  started = time.monotonic()
  connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
  sent = {"content-type": "application/json", "authorization": f"Bearer {key}", **(headers or {})}
  sent = {name: value for name, value in sent.items() if value}
  answer = Answer(0, {})
  try:
    connection.request("POST", path, json.dumps(body), sent)
    response = connection.getresponse()
    answer.status = response.status
    answer.headers = {name.lower(): value for name, value in response.getheaders()}
    while True:
      piece = response.read1(65_536)
      if not piece:
        break
      answer.first_byte = answer.first_byte or time.monotonic() - started
      answer.body += piece
      if read and read(answer):
        answer.broken = "left"
        break
    if not answer.broken and response.length:
      answer.broken = "incomplete"
  except http.client.IncompleteRead as error:
    answer.body += error.partial
    answer.broken = "incomplete"
  except socket.timeout:
    answer.broken = "timeout"
  except (OSError, http.client.HTTPException) as error:
    answer.broken = f"{type(error).__name__}: {error}"
  finally:
    connection.close()
  answer.seconds = time.monotonic() - started
  return answer


def closed_port():
  """A port that refuses connections; held by a socket that does not listen."""
  holder = socket.socket()
  holder.bind(("127.0.0.1", 0))
  return holder, holder.getsockname()[1]


def cost(model, input_tokens, output_tokens):
  price = PRICES[model]
  return input_tokens * price[0] + output_tokens * price[1]


def folder(name):
  """A fresh folder for a test; kept when PAWANG_KEEP is set, and said."""
  made = tempfile.mkdtemp(prefix=f"pawang-{name}-")
  return made


class Checks:
  """Counts checks, prints what failed, and ends with the line that bin/test counts."""

  def __init__(self, quiet=True):
    self.passed, self.failures, self.quiet = 0, [], quiet

  def check(self, condition, name, detail=""):
    if condition:
      self.passed += 1
    else:
      self.failures.append(name)
      print(f"FAILED {name}" + (f": {detail}" if detail else ""), flush=True)
    return bool(condition)

  def finish(self):
    print(f"{self.passed} passed, {len(self.failures)} failed", flush=True)
    return 1 if self.failures else 0
