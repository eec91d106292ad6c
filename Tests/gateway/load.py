"""Many callers at once, by hand and without a library, so that thousands of connections can wait for one signal."""
import asyncio
import json
import resource

import dialects

# What ends a streamed answer in each dialect.
ENDS = {"chat": b"data: [DONE]", "responses": b"event: response.completed", "messages": b"event: message_stop"}


def raise_limits():
  """A thousand callers need as many files, here and in the server that is started from here."""
  _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
  resource.setrlimit(resource.RLIMIT_NOFILE, (min(65_536, hard), hard))


class Outcome:
  """What a caller saw: the status (0 without an answer), and whether the answer came to its end."""

  def __init__(self, operation, stream, raw):
    head, _, self.body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    self.status = int(lines[0].split(" ")[1]) if lines[0].startswith("HTTP/") else 0
    self.headers = {}
    for line in lines[1:]:
      name, _, value = line.partition(":")
      self.headers[name.strip().lower()] = value.strip()
    if stream and self.status == 200:
      self.complete = ENDS[operation] in self.body
    else:
      length = int(self.headers.get("content-length", -1))
      self.complete = self.status > 0 and (length == len(self.body) or (length < 0 and self.body.endswith(b"0\r\n\r\n")))

  def error_code(self):
    try:
      return json.loads(self.body)["error"].get("code")
    except (ValueError, KeyError, AttributeError):
      return None


def bytes_of(operation, body, key):
  data = json.dumps(body).encode()
  authorization = f"x-api-key: {key}\r\nanthropic-version: 2023-06-01" if operation == "messages" else f"authorization: Bearer {key}"
  return (f"POST {dialects.PATHS[operation]} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
          f"{authorization}\r\nconnection: close\r\ncontent-length: {len(data)}\r\n\r\n").encode() + data


async def call(port, operation, body, key, opened=None, go=None, limit=60):
  """One call on a connection of its own; told when it is open, it waits for `go` before it asks."""
  raw, writer = b"", None
  try:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if opened:
      opened()
    if go:
      await go.wait()
    writer.write(bytes_of(operation, body, key))
    async with asyncio.timeout(limit):
      while piece := await reader.read(65_536):
        raw += piece
  except (OSError, TimeoutError):
    pass
  finally:
    if writer:
      writer.close()
  return Outcome(operation, bool(body.get("stream")), raw)


async def burst(port, operation, body, key, callers):
  """All callers connect first, and then ask in the same moment."""
  go, count, everyone = asyncio.Event(), 0, asyncio.Event()

  def opened():
    nonlocal count
    count += 1
    if count == callers:
      everyone.set()

  waiting = [asyncio.ensure_future(call(port, operation, body, key, opened, go)) for _ in range(callers)]
  async with asyncio.timeout(60):
    await everyone.wait()
  go.set()
  return await asyncio.gather(*waiting)
