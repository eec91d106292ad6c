#!/usr/bin/env python3
"""Providers for tests, without a network: OpenAI, Azure OpenAI and Anthropic, answering as `scripted_model` says.

    scripted_upstream.py FOLDER [PORT]   prints its port, keeps FOLDER/bill.jsonl, serves until standard input ends
    scripted_upstream.py --self-test     checks every kind of answer against the types of the official SDKs

    /v1/chat/completions, /v1/responses, /v1/embeddings                       OpenAI, key by `authorization: Bearer`
    /openai/deployments/NAME/chat/completions?api-version=…, …/embeddings     Azure, key by `api-key`; also /openai/v1/…
    /v1/messages, /v1/messages/count_tokens                                   Anthropic, key by `x-api-key`

Keys begin with `upstream-`; any other is refused, and one of Pawang's own is put on the bill as a leak.
"""
import asyncio
import json
import re
import sys

import formats
import scripted_model
import upstream

AZURE = re.compile(r"^(.*)/openai/deployments/([^/]+)/(chat/completions|embeddings)$")
OPERATIONS = {
  "/chat/completions": "chat", "/responses": "responses", "/embeddings": "embeddings", "/messages": "messages",
  "/messages/count_tokens": "count_tokens"}


class Call:
  """A request as a provider understands it."""

  def __init__(self, request):
    azure = AZURE.match(request.path)
    self.is_azure = bool(azure) or "/openai/v1/" in request.path
    self.deployment = azure[2] if azure else None
    self.operation = next((name for end, name in OPERATIONS.items() if request.path.endswith(end)), None)
    self.dialect = "anthropic" if self.operation in ("messages", "count_tokens") else "openai"
    self.request, self.body = request, {}

  def key(self):
    headers = self.request.headers
    if self.dialect == "anthropic":
      return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
    if self.is_azure:
      # Azure takes its own header or a token.
      return headers.get("api-key") or headers.get("authorization", "").removeprefix("Bearer ")
    return headers.get("authorization", "").removeprefix("Bearer ")

  def read(self):
    """Checks the request; returns what is asked. Raises `Refused`."""
    refused, request = scripted_model.Refused, self.request
    if self.operation is None or request.method != "POST":
      raise refused(404, f"Unknown request URL: {request.method} {request.path}", code="unknown_url")
    if not self.key().startswith("upstream-"):
      raise refused(401, "Incorrect API key provided.", code="invalid_api_key")
    if self.deployment and not re.match(r"(^|&)?api-version=\d{4}-\d{2}-\d{2}", request.query):
      raise refused(404, "Resource not found: api-version is missing", code="404")
    if self.dialect == "anthropic" and not request.headers.get("anthropic-version"):
      raise refused(400, "anthropic-version: header is required")
    if "application/json" not in request.headers.get("content-type", ""):
      raise refused(415, f"content-type is {request.headers.get('content-type')!r}")
    try:
      self.body = request.json()
    except (ValueError, RecursionError):
      raise refused(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(self.body, dict):
      raise refused(400, "The body is not an object.")
    if self.deployment:
      self.body["model"] = self.deployment
    if not isinstance(self.body.get("model"), str):
      raise refused(400, "you must provide a model parameter", param="model")
    if "missing" in self.body["model"]:
      raise refused(404, f"The model `{self.body['model']}` does not exist", code="model_not_found", param="model")
    if self.operation == "embeddings":
      return self.embeddings()
    try:
      if self.operation == "chat":
        return scripted_model.read_chat(self.body)
      if self.operation == "responses":
        return scripted_model.read_responses(self.body)
      return scripted_model.read_messages(self.body, self.operation == "count_tokens")
    except (KeyError, TypeError, AttributeError) as error:
      raise refused(400, f"The body is not as documented: {type(error).__name__} {error}") from error

  def embeddings(self):
    scripted_model.known(self.body, scripted_model.EMBEDDINGS_MEMBERS)
    asked = scripted_model.Asked(self.body)
    texts = self.body.get("input")
    scripted_model.check(texts not in (None, "", []), "input is missing or empty", "input")
    if isinstance(texts, str) or isinstance(texts[0], int):
      texts = [texts]
    asked.texts = texts
    asked.tokens = sum(len(text) if isinstance(text, list) else len(text.split()) + 1 for text in texts)
    return asked

  def reply(self, asked, name):
    reply = scripted_model.reply_to(asked, name)
    if self.is_azure:
      # A deployment answers by its model's own name.
      reply.model = "gpt-4o-mini-2024-07-18"
    return reply

  def events(self, reply):
    if self.operation == "chat":
      include = bool((self.body.get("stream_options") or {}).get("include_usage"))
      return formats.chat_events(reply, include, self.is_azure)
    return formats.responses_events(reply) if self.operation == "responses" else formats.messages_events(reply)

  def whole(self, reply):
    if self.operation == "chat":
      return formats.chat_body(reply)
    if self.operation == "responses":
      return formats.response_body(reply, formats.response_status(reply))
    return formats.message_body(reply)

  async def refuse(self, exchange, refused):
    body = formats.error_body(
      refused.status, refused.message, refused.kind, refused.code, self.dialect, refused.param)
    await exchange.whole(refused.status, body)


async def answer_politely(exchange, bill, name="the scripted model", call=None, **facts):
  """Answers as a provider in good health does, and bills it."""
  call = call or Call(exchange.request)
  try:
    asked = call.read()
  except scripted_model.Refused as refused:
    number = bill.asked(exchange.request, refused=refused.message, **facts)
    if "pwg_" in str(exchange.request.headers):
      bill.write("leak", number=number, path=exchange.request.path)
    await call.refuse(exchange, refused)
    bill.write("billed", number=number, input=0, output=0, complete=True)
    return
  reply = call.reply(asked, name) if call.operation in ("chat", "responses", "messages") else None
  number = bill.asked(
    exchange.request, model=asked.model, operation=call.operation, answer=reply.id if reply else None, **facts)
  made, complete, tokens = 0, False, asked.input_tokens if call.operation != "embeddings" else asked.tokens
  try:
    if call.operation == "embeddings":
      body = formats.embeddings_body(
        asked.model, asked.texts, call.body.get("encoding_format", "float"), call.body.get("dimensions", 8), tokens)
      await exchange.whole(200, body)
    elif call.operation == "count_tokens":
      tokens = 0
      await exchange.whole(200, {"input_tokens": asked.input_tokens})
    else:
      pause = scripted_model.pause_of(asked)
      if call.body.get("stream"):
        exchange.head(kind="text/event-stream; charset=utf-8")
        for event in call.events(reply):
          if pause and event.is_content:
            await exchange.wait(pause)
          exchange.chunk(event.data)
          made = event.tokens
          await exchange.drain()
        exchange.last_chunk()
        await exchange.drain()
      else:
        if pause:
          await exchange.wait(pause * len(reply.pieces))
        made = reply.output_tokens
        await exchange.whole(200, call.whole(reply), {"openai-processing-ms": "3"})
    complete = True
  finally:
    bill.write("billed", number=number, input=tokens, output=made, complete=complete)


def main():
  if sys.argv[1:] == ["--self-test"]:
    import sdk_types
    sdk_types.main()
    return
  bill = upstream.Bill(sys.argv[1])
  port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
  asyncio.run(upstream.serve(lambda exchange: answer_politely(exchange, bill), port))


if __name__ == "__main__":
  main()
