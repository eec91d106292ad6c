"""A model's answer in each wire format, whole and as a stream.

A `Reply` says what the model answers; the functions below write it as a body (a value for JSON) or as a list of `Event`s.
An event knows whether it carries content, and how many output tokens have been made once it is sent, so that an upstream
that stops anywhere knows what it would bill.
"""
import base64
import dataclasses
import json
import struct

CREATED = 1_780_000_000


@dataclasses.dataclass
class ToolCall:
  id: str
  name: str
  # The arguments' JSON, in the pieces a stream brings it in.
  fragments: list

  @property
  def arguments(self):
    return "".join(self.fragments)


@dataclasses.dataclass
class Reply:
  id: str
  model: str
  pieces: list = dataclasses.field(default_factory=list)
  reasoning: list = dataclasses.field(default_factory=list)
  calls: list = dataclasses.field(default_factory=list)
  input_tokens: int = 10
  # Tokens of the input that were in the provider's cache; part of `input_tokens`.
  cached_tokens: int = 0
  # `stop`, `length`, `tool_calls` or `content_filter`.
  finish: str = "stop"
  choices: int = 1

  @property
  def text(self):
    return "".join(self.pieces)

  @property
  def reasoning_tokens(self):
    return len(self.reasoning)

  @property
  def output_tokens(self):
    """One for each piece, as if every piece were a token; every choice is billed."""
    return self.choices * (
      len(self.pieces) + len(self.reasoning) + sum(1 + len(call.fragments) for call in self.calls))


@dataclasses.dataclass
class Event:
  data: bytes
  is_content: bool = False
  # Output tokens made so far.
  tokens: int = 0


def dump(value):
  return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def error_body(status, message, kind=None, code=None, dialect="openai", param=None):
  """A provider's refusal as it writes it."""
  if dialect == "anthropic":
    kinds = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
             413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error"}
    return {"type": "error", "error": {"type": kind or kinds.get(status, "api_error"), "message": message},
            "request_id": "req_scripted"}
  kinds = {401: "authentication_error", 429: "rate_limit_error"}
  kind = kind or kinds.get(status, "invalid_request_error" if status < 500 else "server_error")
  return {"error": {"message": message, "type": kind, "param": param, "code": code}}


# -- chat completions

def chat_usage(reply):
  return {
    "prompt_tokens": reply.input_tokens, "completion_tokens": reply.output_tokens,
    "total_tokens": reply.input_tokens + reply.output_tokens,
    "prompt_tokens_details": {"cached_tokens": reply.cached_tokens, "audio_tokens": 0},
    "completion_tokens_details": {
      "reasoning_tokens": reply.reasoning_tokens * reply.choices, "audio_tokens": 0, "accepted_prediction_tokens": 0,
      "rejected_prediction_tokens": 0}}


def chat_body(reply):
  message = {"role": "assistant", "content": reply.text if reply.pieces else None, "refusal": None, "annotations": []}
  if reply.reasoning:
    message["reasoning_content"] = "".join(reply.reasoning)
  if reply.calls:
    message["tool_calls"] = [
      {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
      for call in reply.calls]
  choices = [
    {"index": index, "message": message, "logprobs": None, "finish_reason": reply.finish}
    for index in range(reply.choices)]
  return {
    "id": reply.id, "object": "chat.completion", "created": CREATED, "model": reply.model, "choices": choices,
    "usage": chat_usage(reply), "service_tier": "default", "system_fingerprint": "fp_scripted"}


def chat_events(reply, include_usage, azure=False):
  shared = {
    "id": reply.id, "object": "chat.completion.chunk", "created": CREATED, "model": reply.model,
    "service_tier": "default", "system_fingerprint": "fp_scripted"}
  events, made = [], 0

  def event(choices, is_content=False, **more):
    chunk = {**shared, "choices": choices, **more}
    if include_usage and "usage" not in more:
      chunk["usage"] = None
    events.append(Event(f"data: {dump(chunk)}\n\n".encode(), is_content, made))

  def delta(index, value, finish=None, is_content=True):
    event([{"index": index, "delta": value, "logprobs": None, "finish_reason": finish}], is_content)

  if azure:
    # Azure begins with what its filter says about the prompt, in a chunk without choices.
    verdict = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
    event([], prompt_filter_results=[{"prompt_index": 0, "content_filter_results": verdict}])
  for index in range(reply.choices):
    delta(index, {"role": "assistant", "content": "", "refusal": None}, is_content=False)
  for piece in reply.reasoning:
    for index in range(reply.choices):
      made += 1
      delta(index, {"reasoning_content": piece})
  for piece in reply.pieces:
    for index in range(reply.choices):
      made += 1
      delta(index, {"content": piece})
  for number, call in enumerate(reply.calls):
    made += 1
    delta(0, {"tool_calls": [
      {"index": number, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}]})
    for fragment in call.fragments:
      made += 1
      delta(0, {"tool_calls": [{"index": number, "function": {"arguments": fragment}}]})
  for index in range(reply.choices):
    delta(index, {}, reply.finish, is_content=False)
  made = reply.output_tokens
  if include_usage:
    event([], usage=chat_usage(reply))
  events.append(Event(b"data: [DONE]\n\n", False, made))
  return events


# -- responses

def responses_usage(reply):
  return {
    "input_tokens": reply.input_tokens,
    "input_tokens_details": {"cached_tokens": reply.cached_tokens, "cache_write_tokens": 0},
    "output_tokens": reply.output_tokens, "output_tokens_details": {"reasoning_tokens": reply.reasoning_tokens},
    "total_tokens": reply.input_tokens + reply.output_tokens}


def response_items(reply):
  items = []
  if reply.reasoning:
    items.append({
      "id": f"rs_{reply.id}", "type": "reasoning", "status": "completed",
      "summary": [{"type": "summary_text", "text": "".join(reply.reasoning)}]})
  if reply.pieces:
    items.append({
      "id": f"msg_{reply.id}", "type": "message", "role": "assistant", "status": "completed",
      "content": [{"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}]})
  for call in reply.calls:
    items.append({
      "id": f"fc_{call.id}", "type": "function_call", "status": "completed", "call_id": call.id, "name": call.name,
      "arguments": call.arguments})
  return items


def response_body(reply, status="completed"):
  finished = status in ("completed", "incomplete")
  return {
    "id": f"resp_{reply.id}", "object": "response", "created_at": CREATED, "status": status, "background": False,
    "error": None, "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
    "instructions": None, "max_output_tokens": None, "max_tool_calls": None, "metadata": {}, "model": reply.model,
    "output": response_items(reply) if finished else [], "parallel_tool_calls": True, "previous_response_id": None,
    "prompt_cache_key": None, "reasoning": {"effort": None, "summary": None}, "safety_identifier": None,
    "service_tier": "default", "store": False, "temperature": 1.0, "text": {"format": {"type": "text"}},
    "tool_choice": "auto", "tools": [], "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled",
    "usage": responses_usage(reply) if finished else None, "user": None}


def response_status(reply):
  return "incomplete" if reply.finish == "length" else "completed"


def responses_events(reply):
  events, made = [], 0

  def event(kind, is_content=False, **more):
    value = {"type": kind, "sequence_number": len(events), **more}
    events.append(Event(f"event: {kind}\ndata: {dump(value)}\n\n".encode(), is_content, made))

  event("response.created", response=response_body(reply, "in_progress"))
  event("response.in_progress", response=response_body(reply, "in_progress"))
  for index, item in enumerate(response_items(reply)):
    place = {"output_index": index, "item_id": item["id"]}
    if item["type"] == "reasoning":
      event("response.output_item.added", output_index=index, item={**item, "status": "in_progress", "summary": []})
      event("response.reasoning_summary_part.added", **place, summary_index=0, part={"type": "summary_text", "text": ""})
      for piece in reply.reasoning:
        made += 1
        event("response.reasoning_summary_text.delta", True, **place, summary_index=0, delta=piece)
      text = item["summary"][0]["text"]
      event("response.reasoning_summary_text.done", **place, summary_index=0, text=text)
      event("response.reasoning_summary_part.done", **place, summary_index=0, part=item["summary"][0])
    elif item["type"] == "message":
      event("response.output_item.added", output_index=index, item={**item, "status": "in_progress", "content": []})
      empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
      event("response.content_part.added", **place, content_index=0, part=empty)
      for piece in reply.pieces:
        made += 1
        event("response.output_text.delta", True, **place, content_index=0, delta=piece, logprobs=[])
      event("response.output_text.done", **place, content_index=0, text=reply.text, logprobs=[])
      event("response.content_part.done", **place, content_index=0, part=item["content"][0])
    else:
      call = next(call for call in reply.calls if call.id == item["call_id"])
      event("response.output_item.added", output_index=index, item={**item, "status": "in_progress", "arguments": ""})
      made += 1
      for fragment in call.fragments:
        made += 1
        event("response.function_call_arguments.delta", True, **place, delta=fragment)
      event("response.function_call_arguments.done", **place, name=call.name, arguments=call.arguments)
    event("response.output_item.done", output_index=index, item=item)
  status = response_status(reply)
  made = reply.output_tokens
  event(f"response.{status}", response=response_body(reply, status))
  return events


# -- Anthropic's messages

STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def messages_usage(reply, output_tokens):
  # Anthropic counts what was read from its cache beside the input, not in it.
  return {
    "input_tokens": reply.input_tokens - reply.cached_tokens, "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": reply.cached_tokens, "output_tokens": output_tokens, "service_tier": "standard"}


def message_blocks(reply):
  blocks = []
  if reply.reasoning:
    blocks.append({"type": "thinking", "thinking": "".join(reply.reasoning), "signature": signature(reply)})
  if reply.pieces:
    blocks.append({"type": "text", "text": reply.text, "citations": None})
  for call in reply.calls:
    blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments or "{}")})
  return blocks


def signature(reply):
  """What a model signs its thinking with; a client has to give it back unchanged."""
  return base64.b64encode("".join(reply.reasoning).encode()).decode()


def message_body(reply):
  return {
    "id": f"msg_{reply.id}", "type": "message", "role": "assistant", "model": reply.model,
    "content": message_blocks(reply), "stop_reason": STOP_REASONS[reply.finish], "stop_sequence": None,
    "usage": messages_usage(reply, reply.output_tokens)}


def messages_events(reply):
  events, made = [], 0

  def event(kind, is_content=False, **more):
    events.append(Event(f"event: {kind}\ndata: {dump({'type': kind, **more})}\n\n".encode(), is_content, made))

  start = {**message_body(reply), "content": [], "stop_reason": None, "usage": messages_usage(reply, 1)}
  event("message_start", message=start)
  for index, block in enumerate(message_blocks(reply)):
    if block["type"] == "thinking":
      event("content_block_start", index=index, content_block={"type": "thinking", "thinking": "", "signature": ""})
      for piece in reply.reasoning:
        made += 1
        event("content_block_delta", True, index=index, delta={"type": "thinking_delta", "thinking": piece})
      event("content_block_delta", True, index=index,
            delta={"type": "signature_delta", "signature": block["signature"]})
    elif block["type"] == "text":
      event("content_block_start", index=index, content_block={"type": "text", "text": ""})
      event("ping")
      for piece in reply.pieces:
        made += 1
        event("content_block_delta", True, index=index, delta={"type": "text_delta", "text": piece})
    else:
      call = next(call for call in reply.calls if call.id == block["id"])
      made += 1
      event("content_block_start", True, index=index, content_block={**block, "input": {}})
      for fragment in call.fragments:
        made += 1
        event("content_block_delta", True, index=index, delta={"type": "input_json_delta", "partial_json": fragment})
    event("content_block_stop", index=index)
  made = reply.output_tokens
  event("message_delta", delta={"stop_reason": STOP_REASONS[reply.finish], "stop_sequence": None},
        usage=messages_usage(reply, reply.output_tokens))
  event("message_stop")
  return events


# -- embeddings

def vector(text, dimensions=8):
  """The same for the same text, and exact as 32-bit floats."""
  seed = sum(ord(character) * (index + 1) for index, character in enumerate(str(text)))
  return [((seed * (place + 7)) % 1_000 - 500) / 1_024 for place in range(dimensions)]


def embeddings_body(model, texts, encoding, dimensions, tokens):
  def written(text):
    values = vector(text, dimensions)
    if encoding == "base64":
      return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
    return values

  data = [{"object": "embedding", "index": index, "embedding": written(text)} for index, text in enumerate(texts)]
  return {"object": "list", "data": data, "model": model, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}
