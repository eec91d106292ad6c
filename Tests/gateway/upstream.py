"""An HTTP/1.1 server by hand, for upstreams that have to misbehave below HTTP, and the bill that a provider keeps.

Every line of FOLDER/bill.jsonl is written by one `write` to a file opened for appending, so that nothing is lost however
the gateway ends: `asked` when a request has come, and `billed` with its tokens when its answer has ended, whole or cut.
"""
import asyncio
import json
import os
import signal
import socket
import struct
import sys
import time

HEAD_LIMIT, BODY_LIMIT = 64 << 10, 64 << 20


class Bill:
  def __init__(self, folder):
    os.makedirs(folder, exist_ok=True)
    self.file = os.open(os.path.join(folder, "bill.jsonl"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    self.count = 0

  def write(self, kind, **facts):
    os.write(self.file, (json.dumps({"kind": kind, "time": time.time(), **facts}) + "\n").encode())

  def asked(self, request, **facts):
    self.count += 1
    number = f"{os.getpid()}-{self.count}"
    trace, span = (request.headers.get("traceparent", "--") + "---").split("-")[1:3]
    self.write("asked", number=number, trace=trace, span=span, path=request.path, **facts)
    return number


class Request:
  def __init__(self, method, target, headers, body):
    self.method, self.headers, self.body = method, headers, body
    self.path, _, self.query = target.partition("?")

  def json(self):
    return json.loads(self.body)


async def read_request(reader, first=b""):
  """The next request, or `None` when the peer has closed the connection."""
  head = first
  while b"\r\n\r\n" not in head:
    piece = await reader.read(65_536)
    if not piece:
      return None, b""
    head += piece
    if b"\r\n\r\n" not in head and len(head) > HEAD_LIMIT:
      raise ValueError("the head is too long")
  head, _, rest = head.partition(b"\r\n\r\n")
  lines = head.decode("latin-1").split("\r\n")
  method, target, _ = lines[0].split(" ", 2)
  headers = {}
  for line in lines[1:]:
    name, _, value = line.partition(":")
    headers[name.strip().lower()] = value.strip()
  if "chunked" in headers.get("transfer-encoding", ""):
    body, rest = await read_chunks(reader, rest)
  else:
    length = int(headers.get("content-length", 0))
    if length > BODY_LIMIT:
      raise ValueError("the body is too long")
    pieces, have = [rest], len(rest)
    while have < length:
      piece = await reader.read(1 << 20)
      if not piece:
        return None, b""
      pieces.append(piece)
      have += len(piece)
    whole = b"".join(pieces)
    body, rest = whole[:length], whole[length:]
  return Request(method, target, headers, body), rest


async def read_chunks(reader, rest):
  body = []

  async def until(count=None):
    nonlocal rest
    while (b"\r\n" not in rest) if count is None else (len(rest) < count):
      piece = await reader.read(65_536)
      if not piece:
        raise ConnectionResetError
      rest += piece

  while True:
    await until()
    size, _, rest = rest.partition(b"\r\n")
    length = int(size.split(b";")[0], 16)
    await until(length + 2)
    body.append(rest[:length])
    rest = rest[length + 2:]
    if length == 0:
      return b"".join(body), rest


class Gone(Exception):
  """The peer closed its connection before the answer's end."""


class Exchange:
  """One request and the writing of its answer, with an eye on the peer."""

  def __init__(self, request, reader, writer):
    self.request, self.reader, self.writer = request, reader, writer
    self.keeps, self.ahead = request.headers.get("connection", "").lower() != "close", b""
    self.watch = asyncio.ensure_future(self.reader.read(1))

  async def wait(self, seconds):
    """Waits, unless the peer goes away first."""
    done, _ = await asyncio.wait([self.watch], timeout=seconds)
    if done:
      try:
        self.ahead = self.watch.result()
      except OSError as error:
        raise Gone from error
      if not self.ahead:
        raise Gone
      # The peer sends the next request already: there is nothing to watch any more.
      await asyncio.sleep(seconds)

  def write(self, data):
    if self.writer.is_closing() or (self.watch.done() and not self.ahead and not self.watch.cancelled()
                                    and (self.watch.exception() or not self.watch.result())):
      raise Gone
    self.writer.write(data)

  async def drain(self):
    try:
      await self.writer.drain()
    except OSError as error:
      raise Gone from error

  def head(self, status=200, headers=None, length=None, kind="application/json"):
    """Without a length the body is chunked."""
    lines = [f"HTTP/1.1 {status} Scripted", f"content-type: {kind}", "x-request-id: req_scripted", "request-id: req_scripted"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines.append("transfer-encoding: chunked" if length is None else f"content-length: {length}")
    self.write("\r\n".join(lines).encode() + b"\r\n\r\n")

  def chunk(self, data):
    self.write(b"%x\r\n%s\r\n" % (len(data), data))

  def last_chunk(self):
    self.write(b"0\r\n\r\n")

  async def whole(self, status, value, headers=None, kind="application/json"):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    self.head(status, headers, len(data), kind)
    self.write(data)
    await self.drain()

  def reset(self):
    """Ends the connection with a TCP reset instead of an orderly end."""
    raw = self.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    self.writer.transport.abort()
    self.keeps = False

  def close(self):
    self.writer.close()
    self.keeps = False

  async def finish(self):
    """What the peer sent ahead; the next request begins with it."""
    if not self.watch.done():
      self.watch.cancel()
      try:
        await self.watch
      except (asyncio.CancelledError, OSError):
        pass
    if self.watch.done() and not self.watch.cancelled() and not self.watch.exception():
      self.ahead = self.watch.result()
      if not self.ahead:
        self.keeps = False
    return self.ahead


async def serve(answer, port=0, announce=True):
  """Serves until standard input ends, or SIGTERM; `answer` is given every exchange. Prints the port."""

  async def connection(reader, writer):
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ahead = b""
    try:
      while True:
        request, rest = await read_request(reader, ahead)
        if request is None:
          break
        exchange = Exchange(request, reader, writer)
        try:
          await answer(exchange)
        except Gone:
          exchange.keeps = False
        finally:
          ahead = rest + await exchange.finish()
        if not exchange.keeps:
          break
    except (OSError, ValueError, asyncio.CancelledError):
      # Broken off by the peer, or by the end of this server.
      pass
    finally:
      if not writer.is_closing():
        writer.close()

  server = await asyncio.start_server(connection, "127.0.0.1", port, backlog=4_096, limit=1 << 20)
  if announce:
    print(server.sockets[0].getsockname()[1], flush=True)
  stop = asyncio.Event()
  loop = asyncio.get_running_loop()
  loop.add_signal_handler(signal.SIGTERM, stop.set)
  loop.add_reader(sys.stdin.fileno(), lambda: os.read(sys.stdin.fileno(), 4_096) or stop.set())
  await stop.wait()
  server.close()
