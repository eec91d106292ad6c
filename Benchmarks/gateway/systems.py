"""The systems that are measured, each in its own process, and the load that they are given."""
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "Tests" / "gateway"))
import gateway as pawang_tests  # noqa: E402  (the tests know how a workspace is made and served)

# The gateway has one core, what loads it and what is behind it have the other.
GATEWAY_CORE, LOAD_CORE = "0", "1"
TICK = os.sysconf("SC_CLK_TCK")
CLIENT_KEY = "sk-3f9c1d7a5b8e2046af"
MASTER = "LITELLM_LOCAL_MODEL_COST_MAP"


def pinned(core, command):
  return ["taskset", "-c", core, *map(str, command)] if os.cpu_count() > 1 else list(map(str, command))


def free_port():
  with socket.socket() as holder:
    holder.bind(("127.0.0.1", 0))
    return holder.getsockname()[1]


def until_open(port, process, seconds, log):
  started = time.monotonic()
  while time.monotonic() - started < seconds:
    if process.poll() is not None:
      raise SystemExit(f"{process.args[:4]} ended with {process.returncode}: {log.read_text()[-2_000:]}")
    with socket.socket() as probe:
      if probe.connect_ex(("127.0.0.1", port)) == 0:
        return
    time.sleep(0.05)
  raise SystemExit(f"{process.args[:4]} does not listen: {log.read_text()[-2_000:]}")


def ask(port, path="/v1/chat/completions", key=CLIENT_KEY, model="gpt-4o-mini", stream=False, text="Hi", read=True):
  """One request by hand; the status and what came back."""
  connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
  body = {"model": model, "stream": stream, "max_tokens": 400, "messages": [{"role": "user", "content": text}]}
  connection.request("POST", path, json.dumps(body), {"content-type": "application/json", "authorization": f"Bearer {key}"})
  response = connection.getresponse()
  content = response.read() if read else b""
  connection.close()
  return response.status, content


# Everything that was started, so that nothing is left behind however a measurement ends.
STARTED = []


def stop_all():
  for system in reversed(STARTED):
    system.stop()


def on_termination(*_):
  raise SystemExit(143)


class System:
  """A process with a port, its CPU time and its memory."""

  name, path, key, model, process, port = "", "/v1/chat/completions", CLIENT_KEY, "gpt-4o-mini", None, 0
  version, slow = "", False

  def __init__(self, folder):
    self.folder = pathlib.Path(folder) / self.name.lower().replace(" ", "-")
    self.folder.mkdir(parents=True, exist_ok=True)
    self.log = self.folder / "log"

  def spawn(self, command, core=GATEWAY_CORE, **more):
    if self not in STARTED:
      STARTED.append(self)
    with open(self.log, "ab") as log:
      self.process = subprocess.Popen(
        pinned(core, command), stdin=subprocess.DEVNULL, stdout=more.pop("stdout", log), stderr=log, cwd=self.folder, **more)

  def pids(self):
    """The process and all its children."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
      if entry.name.isdigit():
        try:
          fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
          parents.setdefault(int(fields[1]), []).append(int(entry.name))
        except OSError:
          pass
    found, waiting = [], [self.process.pid]
    while waiting:
      found.append(waiting.pop())
      waiting += parents.get(found[-1], [])
    return found

  def cpu(self):
    """CPU seconds so far, user and system."""
    total = 0
    for pid in self.pids():
      try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
      except OSError:
        pass
    return total / TICK

  def memory(self):
    """Resident MB."""
    total = 0
    for pid in self.pids():
      try:
        match = re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
        total += int(match[1]) if match else 0
      except OSError:
        pass
    return total / 1_024

  def stop(self):
    if self.process and self.process.poll() is None:
      self.process.send_signal(signal.SIGTERM)
      try:
        self.process.wait(40)
      except subprocess.TimeoutExpired:
        self.process.kill()
        self.process.wait()
    self.process = None


class Mock(System):
  """The provider behind all of them."""

  name = "mock"

  def start(self, pause=0):
    source, binary = HERE / "mock.c", self.folder / "mock"
    subprocess.run(["cc", "-O2", "-o", binary, source], check=True)
    self.spawn([binary, 0, pause], LOAD_CORE, stdout=subprocess.PIPE)
    self.port = int(self.process.stdout.readline())
    return self

  def answered(self):
    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
    connection.request("GET", "/asked")
    return int(connection.getresponse().read())


class Nginx(System):
  """The control: it passes bytes on and does nothing else."""

  name = "nginx"

  def start(self, mock):
    self.port = free_port()
    executable = "/usr/sbin/nginx"
    self.version = subprocess.run([executable, "-v"], capture_output=True, text=True, check=True).stderr.strip().split("/")[-1]
    (self.folder / "nginx.conf").write_text(f"""
worker_processes 1;
daemon off;
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {self.folder};
  proxy_temp_path {self.folder};
  fastcgi_temp_path {self.folder};
  uwsgi_temp_path {self.folder};
  scgi_temp_path {self.folder};
  client_body_buffer_size 256k;
  client_max_body_size 32m;
  keepalive_requests 100000000;
  tcp_nodelay on;
  upstream provider {{ server 127.0.0.1:{mock.port}; keepalive 2048; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
""")
    # Its workers keep the right to write here when it is started by root.
    self.folder.chmod(0o777)
    self.spawn([executable, "-p", self.folder, "-c", self.folder / "nginx.conf"])
    until_open(self.port, self.process, 10, self.log)
    return self


class Pawang(System):
  """Ours with everything on: a key, budgets in four scopes, the durable ledger, spans."""

  name = "Pawang"

  def start(self, mock, binary):
    pawang_tests.BINARY = str(binary)
    self.server = server = pawang_tests.Gateway(self.folder)
    self.version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    base = f"http://127.0.0.1:{mock.port}"
    rules = [
      {"scope": "global", "per": "month", "limit": "9000000 USD"},
      {"scope": "team", "name": "payments", "per": "day", "limit": "8000000 USD", "owner": "ana@example.org"},
      {"scope": "service", "name": "checkout", "per": "day", "limit": "8000000 USD"},
      {"scope": "use_case", "name": "refunds", "per": "hour", "limit": "8000000 USD"}]
    server.configure(
      {"mock": {"type": "open_ai", "base_url": base + "/v1", "api_key": "upstream-key", "provider": "openai"},
       "claude": {"type": "anthropic", "base_url": base, "api_key": "upstream-key"}},
      {"gpt-4o-mini": {"targets": [{"connection": "mock", "model": "gpt-4o-mini"}]},
       "claude": {"targets": [{"connection": "claude", "model": "claude-haiku-4-5"}]}},
      rules)
    self.key = server.key("--team", "payments", "--service", "checkout", "--use-case", "refunds", "--budget", "1000000/day")
    self.start_again()
    return self

  def start_again(self):
    """Starts the server of this workspace; seconds until the first answer."""
    self.server.port_file.unlink(missing_ok=True)
    started = time.monotonic()
    self.spawn(
      [pawang_tests.BINARY, "serve", "--listen", "127.0.0.1:0", "--port-file", self.server.port_file,
       # One event loop for the one core, as nginx has one worker.
       "--threads", 1],
      env=self.server.environment)
    while time.monotonic() - started < 60:
      try:
        self.port = int(self.server.port_file.read_text())
        break
      except (OSError, ValueError):
        if self.process.poll() is not None:
          raise SystemExit(f"pawang serve ended: {self.log.read_text()[-2_000:]}") from None
        time.sleep(0.0005)
    status, content = ask(self.port, key=self.key)
    seconds = time.monotonic() - started
    if status != 200:
      raise SystemExit(f"pawang answers {status}: {content[:500]}")
    return seconds


class LiteLLM(System):
  """One worker, a master key, no database: less than ours does."""

  name, slow = "LiteLLM", True

  def start(self, mock, environment):
    self.port, binaries = free_port(), pathlib.Path(environment) / "bin"
    self.version = package_version(binaries / "python", "litellm")
    (self.folder / "config.yaml").write_text(json.dumps({
      "model_list": [{"model_name": "gpt-4o-mini", "litellm_params": {
        "model": "openai/gpt-4o-mini", "api_base": f"http://127.0.0.1:{mock.port}/v1", "api_key": "upstream-key"}}],
      "general_settings": {"master_key": CLIENT_KEY}, "litellm_settings": {"telemetry": False}}))
    self.spawn(
      [binaries / "litellm", "--config", "config.yaml", "--host", "127.0.0.1", "--port", self.port, "--num_workers", "1"],
      env={**os.environ, MASTER: "True", "LITELLM_LOG": "ERROR", "HOME": str(self.folder)})
    until_open(self.port, self.process, 120, self.log)
    while ask(self.port)[0] != 200:
      time.sleep(0.5)
    return self


class TensorZero(System):
  """Its gateway inside a Python process of its own, observability off, no limits: less than ours does."""

  name, path, model = "TensorZero", "/openai/v1/chat/completions", "tensorzero::model_name::gpt-4o-mini"

  def start(self, mock, environment):
    python = pathlib.Path(environment) / "bin/python"
    self.version = package_version(python, "tensorzero")
    (self.folder / "tensorzero.toml").write_text(f"""
[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true

[models.gpt-4o-mini]
routing = ["mock"]

[models.gpt-4o-mini.providers.mock]
type = "openai"
model_name = "gpt-4o-mini"
api_base = "http://127.0.0.1:{mock.port}/v1/"
api_key_location = "none"
""")
    program = (
      "import tensorzero.tensorzero as t, time\n"
      "g = t._start_http_gateway(config_file='tensorzero.toml', clickhouse_url=None, postgres_url=None,"
      " valkey_url=None, async_setup=False)\n"
      "open('port', 'w').write(g.base_url.split(':')[2].split('/')[0])\ntime.sleep(10**6)\n")
    self.spawn([python, "-c", program], env={**os.environ, "RUST_LOG": "error"})
    started, file = time.monotonic(), self.folder / "port"
    while not file.exists() or not file.read_text():
      if self.process.poll() is not None or time.monotonic() - started > 60:
        raise SystemExit(f"TensorZero does not start: {self.log.read_text()[-2_000:]}")
      time.sleep(0.05)
    self.port = int(file.read_text())
    return self


def package_version(python, name):
  return subprocess.run(
    [python, "-c", f"import importlib.metadata as m; print(m.version('{name}'))"], capture_output=True, text=True,
    check=True).stdout.strip()


SCRIPT = """
wrk.method = "POST"
wrk.body = [==[%s]==]
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer %s"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %%d %%d %%d %%d %%d %%d %%.3f %%.3f %%.3f\\n", summary.requests, summary.duration,
    summary.bytes, e.connect + e.read + e.write, e.status, e.timeout, latency:percentile(50), latency:percentile(99),
    latency.max))
end
"""


class Load:
  """What wrk saw, and what it cost the system."""

  def __init__(self, system, connections, seconds, stream=False, size=1_900, model=None):
    message = {"role": "user", "content": "x" * (size - 200)}
    body = {"model": model or system.model, "stream": stream, "max_tokens": 400, "temperature": 0.2,
            "messages": [{"role": "system", "content": "Be brief."}, message]}
    script = system.folder / "load.lua"
    script.write_text(SCRIPT % (json.dumps(body, separators=(",", ":")), system.key))
    cpu, started = system.cpu(), time.monotonic()
    done = subprocess.run(
      pinned(LOAD_CORE, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script,
                         f"http://127.0.0.1:{system.port}{system.path}"]),
      capture_output=True, text=True, check=True)
    self.wall = time.monotonic() - started
    # What follows the last answer, such as writing the ledger behind, belongs to it.
    time.sleep(0.3)
    used = system.cpu() - cpu
    match = re.search(r"RESULT (.*)", done.stdout)
    if not match:
      raise SystemExit(f"wrk said: {done.stdout}{done.stderr}")
    numbers = [float(number) for number in match[1].split()]
    self.requests, self.broken, self.refused, self.late = (int(numbers[place]) for place in (0, 3, 4, 5))
    if self.requests == 0 or self.refused or self.broken:
      raise SystemExit(f"{system.name}: {self.requests} requests, {self.broken} broken, {self.refused} refused:\n"
                       f"{done.stdout}\n{ask(system.port, system.path, system.key, system.model)}")
    self.rate = self.requests / (numbers[1] / 1e6)
    self.microseconds = used / self.requests * 1e6
    self.p50, self.p99, self.worst = (value / 1e3 for value in numbers[6:9])


def prepare():
  """More files than usual, and an orderly end when this process is asked to end."""
  signal.signal(signal.SIGTERM, on_termination)
  soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
  if soft < 16_384:
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16_384, hard), hard))
