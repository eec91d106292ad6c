"""How a test asks in each client dialect, and what it finds in the answer."""
import json

import formats

PATHS = {
  "chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages",
  "embeddings": "/v1/embeddings"}


def request(operation, model, text="Hi", stream=False, **more):
  if operation == "responses":
    body = {"model": model, "input": text}
  elif operation == "embeddings":
    return {"model": model, "input": text, **more}
  else:
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
  if operation == "messages":
    body["max_tokens"] = 2_000
  if stream:
    body["stream"] = True
  return {**body, **more}


def headers(operation, key):
  """Anthropic's clients send their key in a header of their own."""
  if operation == "messages":
    return {"x-api-key": key, "anthropic-version": "2023-06-01", "authorization": ""}
  return {}


class Seen:
  """What a client sees of an answer."""

  def __init__(self, operation, answer, stream):
    self.text, self.error, self.complete, self.events_after_end = "", None, False, 0
    self.finish, self.usage, self.trouble = None, None, ""
    try:
      if stream and "text/event-stream" in answer.headers.get("content-type", ""):
        for name, data in answer.events():
          self.event(operation, name, data)
      elif answer.body:
        self.whole(operation, answer.json())
    except (ValueError, KeyError, TypeError, IndexError) as error:
      self.trouble = f"{type(error).__name__}: {error} in {answer.body[-300:]!r}"

  def event(self, operation, name, data):
    if self.complete:
      self.events_after_end += 1
    if data == "[DONE]":
      self.complete = True
      return
    value = json.loads(data)
    if operation == "chat":
      if value.get("error"):
        self.error = value["error"]
        return
      self.usage = value.get("usage") or self.usage
      for choice in value["choices"]:
        self.text += choice["delta"].get("content") or ""
        self.finish = choice["finish_reason"] or self.finish
      return
    kind = value["type"]
    if name != kind:
      raise ValueError(f"the event's name {name} is not its type {kind}")
    if kind == "error":
      self.error = value.get("error") or value
    elif kind == "response.failed":
      self.error = value["response"]["error"]
    elif kind == "response.output_text.delta":
      self.text += value["delta"]
    elif kind in ("response.completed", "response.incomplete"):
      self.complete, self.usage = True, value["response"]["usage"]
    elif kind == "content_block_delta":
      self.text += value["delta"].get("text", "")
    elif kind == "message_delta":
      self.finish, self.usage = value["delta"]["stop_reason"], value["usage"]
    elif kind == "message_stop":
      self.complete = True

  def whole(self, operation, value):
    if value.get("error"):
      self.error = value["error"]
      if operation == "messages" and value.get("type") != "error":
        raise ValueError("Anthropic's errors have the type `error`")
      return
    if operation == "chat":
      self.text = value["choices"][0]["message"]["content"] or ""
      self.finish = value["choices"][0]["finish_reason"]
    elif operation == "responses":
      self.text = "".join(
        part["text"] for item in value["output"] if item["type"] == "message" for part in item["content"])
    elif operation == "messages":
      self.text = "".join(block["text"] for block in value["content"] if block["type"] == "text")
    self.usage, self.complete = value["usage"], True


def error_problem(operation, error):
  """What is wrong with an error's form in the client's dialect; empty if nothing is."""
  if not isinstance(error, dict):
    return "there is no error object"
  needed = {"type", "message"} if operation == "messages" else {"message", "type", "param", "code"}
  missing = needed - set(error)
  if missing:
    return f"the error lacks {sorted(missing)}: {formats.dump(error)}"
  if not error["message"] or "upstream-" in error["message"].replace("upstream-end", ""):
    return f"the message is empty or tells a key: {error['message']!r}"
  return ""
