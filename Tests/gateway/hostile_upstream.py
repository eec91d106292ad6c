#!/usr/bin/env python3
"""A provider that fails in every way a gateway has to survive, below HTTP where need be.

    hostile_upstream.py FOLDER [PORT]   prints its port, keeps FOLDER/bill.jsonl, serves until standard input ends

The first two parts of the path are what it does and a name of its own, so that cases stay apart:

    /BEHAVIOUR/NAME/v1/chat/completions, …/responses, …/messages, …/embeddings

`polite` answers as `scripted_upstream` does. `once.BEHAVIOUR` does it to the first request of its name and is polite from
then on. A refused connection needs no server: it is a port that nobody listens on.
"""
import asyncio
import gzip
import json
import sys

import formats
import scripted_model
import scripted_upstream
import upstream

# Longer than every time limit of the tests; who waits is told to go before.
FOREVER = 60
CONTENT_BEFORE_FAILURE = 2
STATUSES = {
  "status-400": (400, "invalid_request_error", None), "status-404": (404, "invalid_request_error", "model_not_found"),
  "status-429": (429, "rate_limit_error", "rate_limit_exceeded"),
  "status-429-after": (429, "rate_limit_error", "rate_limit_exceeded"),
  "status-429-quota": (429, "insufficient_quota", "insufficient_quota"),
  "status-500": (500, None, None), "status-503": (503, None, None), "status-529": (529, None, None),
  "content-filter": (400, None, "content_filter"), "context-length": (400, None, "context_length_exceeded"),
}


class Hostile:
  def __init__(self, exchange, bill, case, call):
    self.exchange, self.bill, self.case, self.call = exchange, bill, case, call
    self.is_stream = bool(call.body.get("stream"))

  def start(self, asked):
    self.asked, self.reply = asked, self.call.reply(asked, "the hostile model")
    self.number = self.bill.asked(self.exchange.request, case=self.case, model=asked.model)

  def billed(self, tokens, inputs=True):
    self.bill.write("billed", number=self.number, input=self.asked.input_tokens if inputs else 0, output=tokens,
                    complete=False)

  def events(self):
    return self.call.events(self.reply)

  async def stream(self, content):
    """Sends the head and all events until `content` of them have been content; returns the tokens made."""
    self.exchange.head(kind="text/event-stream; charset=utf-8")
    made = sent = 0
    for event in self.events():
      if event.is_content and sent == content:
        break
      self.exchange.chunk(event.data)
      made, sent = event.tokens, sent + event.is_content
      await self.exchange.drain()
    return made

  async def begin(self, content):
    """The first events, and time for them to be passed on: what fails before that could still be answered by another."""
    self.billed(await self.stream(content))
    await self.exchange.wait(0.15)

  async def hang(self):
    await self.exchange.wait(FOREVER)
    self.exchange.close()

  # -- behaviours

  async def status(self, status, kind, code, headers=None):
    self.billed(0, inputs=False)
    body = formats.error_body(status, f"The upstream says {status}.", kind, code, self.call.dialect)
    await self.exchange.whole(status, body, headers)

  async def reset(self):
    self.billed(0)
    self.exchange.reset()

  async def slow_head(self):
    self.billed(0)
    await self.hang()

  async def slow_first(self):
    """A stream that opens and then says nothing; a body that never begins."""
    self.billed(0)
    if self.is_stream:
      await self.stream(0)
    else:
      self.exchange.head(length=1_000)
    await self.exchange.drain()
    await self.hang()

  async def part(self):
    """The beginning of an answer that is to break; in the middle of a body without a stream."""
    if self.is_stream:
      self.billed(await self.stream(CONTENT_BEFORE_FAILURE))
    else:
      data = json.dumps(self.call.whole(self.reply)).encode()
      self.billed(self.reply.output_tokens)
      self.exchange.head(length=len(data))
      self.exchange.write(data[:len(data) // 2])
    await self.exchange.drain()

  async def stall(self):
    await self.part()
    await self.hang()

  async def reset_later(self):
    """A reset overtakes what was sent; a moment later the peer has read it."""
    await self.exchange.wait(0.1)
    self.exchange.reset()

  async def cut(self):
    await self.part()
    await self.reset_later()

  async def cut_first(self):
    """Broken before any content."""
    self.billed(0)
    await self.stream(0)
    await self.reset_later()

  async def silent_end(self):
    """An orderly end of the body in the middle of the answer, which SDKs take for success."""
    if self.is_stream:
      await self.begin(CONTENT_BEFORE_FAILURE)
      self.exchange.last_chunk()
    else:
      data = json.dumps(self.call.whole(self.reply)).encode()
      self.billed(self.reply.output_tokens)
      self.exchange.head()
      self.exchange.chunk(data[:len(data) // 2])
      self.exchange.last_chunk()
    await self.exchange.drain()

  async def malformed(self, content=CONTENT_BEFORE_FAILURE):
    if self.is_stream:
      await self.begin(content)
      name = b"event: content_block_delta\n" if self.call.operation == "messages" else b""
      self.exchange.chunk(name + b'data: {"choices":[{"delta":{"content":"x"\n\n')
      await self.exchange.wait(FOREVER)
      self.exchange.close()
    else:
      data = json.dumps(self.call.whole(self.reply)).encode()
      self.billed(self.reply.output_tokens)
      await self.exchange.whole(200, data[:-20] + b"}}}}", None)

  async def error_event(self, content=CONTENT_BEFORE_FAILURE):
    """A failure told after the status 200."""
    message = "The upstream failed while it answered."
    if not self.is_stream:
      self.billed(0, inputs=False)
      await self.exchange.whole(200, formats.error_body(500, message, dialect=self.call.dialect))
      return
    await self.begin(content)
    body = formats.error_body(500, message, dialect=self.call.dialect)
    if self.call.operation == "messages":
      body = formats.error_body(529, message, dialect="anthropic")
      self.exchange.chunk(f"event: error\ndata: {formats.dump(body)}\n\n".encode())
    elif self.call.operation == "responses":
      response = formats.response_body(self.reply, "failed")
      response["error"] = {"code": "server_error", "message": message}
      value = {"type": "response.failed", "sequence_number": 99, "response": response}
      self.exchange.chunk(f"event: response.failed\ndata: {formats.dump(value)}\n\n".encode())
    else:
      self.exchange.chunk(f"data: {formats.dump(body)}\n\n".encode())
    self.exchange.last_chunk()
    await self.exchange.drain()

  async def empty(self):
    self.billed(0)
    kind = "text/event-stream" if self.is_stream else "application/json"
    await self.exchange.whole(200, b"", kind=kind)

  async def html(self):
    self.billed(0)
    await self.exchange.whole(200, b"<html><body><h1>Welcome to the proxy</h1></body></html>", kind="text/html")

  async def oversized(self):
    """More than any limit: one endless event, or a body that says its length truly."""
    self.billed(self.reply.output_tokens)
    size = 20 << 20
    piece = b"a" * (1 << 16)
    if self.is_stream:
      await self.stream(0)
      self.exchange.chunk(b'data: {"choices":[{"index":0,"delta":{"content":"')
      for _ in range(size // len(piece)):
        self.exchange.chunk(piece)
        await self.exchange.drain()
      self.exchange.close()
    else:
      whole = json.dumps(self.call.whole(self.reply)).encode()
      self.exchange.head(length=len(whole) + size)
      self.exchange.write(whole)
      for _ in range(size // len(piece)):
        self.exchange.write(b" " * len(piece))
        await self.exchange.drain()

  async def truncated_gzip(self):
    kind = "text/event-stream" if self.is_stream else "application/json"
    data = b"".join(event.data for event in self.events()) if self.is_stream else json.dumps(
      self.call.whole(self.reply)).encode()
    packed = gzip.compress(data)
    self.billed(self.reply.output_tokens)
    # The length is right for what is sent: only the compressed data ends too early.
    await self.exchange.whole(200, packed[:len(packed) // 2], {"content-encoding": "gzip"}, kind)

  async def polite(self):
    await scripted_upstream.answer_politely(self.exchange, self.bill, "the polite model", self.call, case=self.case)

  async def act(self, behaviour):
    if behaviour in STATUSES:
      headers = {"retry-after": "1"} if behaviour.endswith("-after") else None
      return await self.status(*STATUSES[behaviour], headers)
    actions = {
      "reset": self.reset, "slow-head": self.slow_head, "slow-first": self.slow_first, "stall": self.stall,
      "cut": self.cut, "cut-first": self.cut_first, "silent-end": self.silent_end, "malformed": self.malformed,
      "malformed-first": lambda: self.malformed(0), "error-event": self.error_event,
      "error-first": lambda: self.error_event(0), "empty": self.empty, "html": self.html, "oversized": self.oversized,
      "truncated-gzip": self.truncated_gzip}
    return await actions[behaviour]()


def main():
  bill, seen = upstream.Bill(sys.argv[1]), set()

  async def answer(exchange):
    _, behaviour, case, _ = exchange.request.path.split("/", 3)
    call = scripted_upstream.Call(exchange.request)
    if behaviour.startswith("once."):
      behaviour = "polite" if case in seen else behaviour.removeprefix("once.")
      seen.add(case)
    hostile = Hostile(exchange, bill, case, call)
    if behaviour == "polite":
      return await hostile.polite()
    if behaviour == "one-key" and call.key().endswith("-good"):
      return await hostile.polite()
    try:
      hostile.start(call.read())
      hostile.is_stream = bool(call.body.get("stream"))
      if behaviour == "one-key":
        return await hostile.status(401, None, "invalid_api_key")
      await hostile.act(behaviour)
    except scripted_model.Refused as refused:
      await call.refuse(exchange, refused)

  port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
  asyncio.run(upstream.serve(answer, port))


if __name__ == "__main__":
  main()
