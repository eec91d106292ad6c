"""Checks that every answer of the scripted upstream is one that the official SDKs' own types accept.

The SDKs read answers leniently; here each body and each event is validated strictly against their pydantic models.
"""
import json

import anthropic.types
import openai.types
import openai.types.chat
import openai.types.responses
import pydantic

import formats
import scripted_model

TOOLS = [
  {"type": "function", "function": {"name": name, "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}}}
  for name in ("weather", "traffic")]


def replies():
  """One reply of every kind."""
  text = formats.Reply("r1", "gpt-4o-mini", ["Hello ", "you"])
  yield "text", text
  yield "reasoning", formats.Reply("r2", "gpt-4o-mini", ["Hello"], ["First ", "this"])
  yield "cached", formats.Reply("r3", "gpt-4o-mini", ["Hello"], input_tokens=50, cached_tokens=40)
  yield "cut short", formats.Reply("r4", "gpt-4o-mini", ["Hel"], finish="length")
  calls = [formats.ToolCall(f"call_{n}", n, scripted_model.fragments_of('{"city":"Köln","days":3}')) for n in ("a", "b")]
  yield "tools", formats.Reply("r5", "gpt-4o-mini", calls=calls, finish="tool_calls")
  yield "reasoning and tools", formats.Reply("r6", "gpt-4o-mini", ["So: "], ["Hm"], calls, finish="tool_calls")


def validate(kind, value):
  adapter = pydantic.TypeAdapter(kind)
  adapter.validate_json(json.dumps(value))


def data_of(event):
  return json.loads(event.data.decode().split("data: ", 1)[1])


def main():
  passed, failures = 0, []

  def checked(name, check):
    nonlocal passed
    try:
      check()
      passed += 1
    except Exception as error:  # a check may fail in any way
      failures.append(f"{name}: {error}")

  for name, reply in replies():
    checked(f"chat body, {name}", lambda: validate(openai.types.chat.ChatCompletion, formats.chat_body(reply)))
    checked(f"response, {name}", lambda: validate(openai.types.responses.Response, formats.response_body(reply)))
    checked(f"message, {name}", lambda: validate(anthropic.types.Message, formats.message_body(reply)))
    for azure in (False, True):
      events = formats.chat_events(reply, True, azure)
      assert events[-1].data == b"data: [DONE]\n\n"
      for event in events[:-1]:
        checked(f"chunk, {name}", lambda: validate(openai.types.chat.ChatCompletionChunk, data_of(event)))
      checked(f"usage, {name}", lambda: equal(data_of(events[-2])["usage"]["completion_tokens"], events[-1].tokens))
    for event in formats.responses_events(reply):
      checked(f"response event, {name}", lambda: validate(openai.types.responses.ResponseStreamEvent, data_of(event)))
    for event in formats.messages_events(reply):
      if b"event: ping" not in event.data:
        checked(f"message event, {name}", lambda: validate(anthropic.types.RawMessageStreamEvent, data_of(event)))
    for events in (formats.chat_events(reply, False), formats.responses_events(reply), formats.messages_events(reply)):
      counts = [event.tokens for event in events]
      checked(f"counts, {name}", lambda: equal(counts, sorted(counts)))
      checked(f"sum, {name}", lambda: equal(counts[-1], reply.output_tokens))
  for encoding in ("float", "base64"):
    body = formats.embeddings_body("m", ["a", "b"], encoding, 8, 4)
    if encoding == "float":
      checked("embeddings", lambda: validate(openai.types.CreateEmbeddingResponse, body))
  asked = scripted_model.read_chat({"model": "m", "messages": [{"role": "user", "content": "call, call"}], "tools": TOOLS})
  checked("parallel calls", lambda: equal(len(scripted_model.reply_to(asked).calls), 2))
  refused = [
    ("a call without its answer", scripted_model.read_chat, {"messages": [
      {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
      {"role": "user", "content": "x"}]}),
    ("no max_tokens", scripted_model.read_messages, {"messages": [{"role": "user", "content": "x"}]}),
    ("a temperature of 1.5", scripted_model.read_messages,
     {"max_tokens": 5, "temperature": 1.5, "messages": [{"role": "user", "content": "x"}]}),
    ("a foreign signature", scripted_model.read_messages, {"max_tokens": 5, "messages": [
      {"role": "user", "content": "x"},
      {"role": "assistant", "content": [{"type": "thinking", "thinking": "a", "signature": "wrong"}]},
      {"role": "user", "content": "y"}]}),
    ("an unknown member", scripted_model.read_chat, {"messages": [{"role": "user", "content": "x"}], "top_k": 3}),
  ]
  for name, read, body in refused:
    try:
      read({"model": "m", **body})
      failures.append(f"{name}: was not refused")
    except scripted_model.Refused:
      passed += 1
  for failure in failures[:20]:
    print(failure[:600])
  print(f"{passed} passed, {len(failures)} failed")
  raise SystemExit(bool(failures))


def equal(one, other):
  if one != other:
    raise AssertionError(f"{one} is not {other}")
