"""What the scripted model answers, in OpenAI's and in Anthropic's dialect.

It reads a request as strictly as the providers do, so that a translation that produces what they would refuse is refused
here too, and then behaves by what it was given:

    tools, and no result of one yet   calls the first tool, or as many tools as the last user text has `call`s
    `x_echo`, an unknown member       its JSON
    a tool's result                   a text that repeats the results
    a JSON schema for the answer      JSON that fits the schema
    images                            says how many it saw, and of which kind
    reasoning or thinking             two pieces of reasoning before the text
    `say N words`                     N words; `pause MS` waits that long between events
    anything else                     `Hello from NAME.`, in pieces
"""
import hashlib
import json
import re

import formats


class Refused(Exception):
  def __init__(self, status, message, kind=None, code=None, param=None):
    super().__init__(message)
    self.status, self.message, self.kind, self.code, self.param = status, message, kind, code, param


CHAT_MEMBERS = set(
  "audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages metadata "
  "modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options "
  "prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream "
  "stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options".split())
RESPONSES_MEMBERS = set(
  "background context_management conversation include input instructions max_output_tokens max_tool_calls metadata model "
  "moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options "
  "prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text "
  "tool_choice tools top_logprobs top_p truncation user verbosity".split())
MESSAGES_MEMBERS = set(
  "cache_control container context_management inference_geo max_tokens mcp_servers messages metadata model output_config "
  "output_format service_tier speed stop_sequences stream system temperature thinking tool_choice tools top_k "
  "top_p".split())
EMBEDDINGS_MEMBERS = {"input", "model", "encoding_format", "dimensions", "user"}


def check(condition, message, param=None, code=None):
  if not condition:
    raise Refused(400, message, code=code, param=param)


def known(body, members):
  for name in body:
    # What tests send to see that unknown members arrive; a real provider would refuse them.
    check(name in members or name.startswith("x_"), f"Unrecognized request argument supplied: {name}", name)


class Asked:
  """What a request comes down to."""

  def __init__(self, body):
    self.body, self.model = body, body.get("model")
    self.texts, self.images, self.results, self.tools = [], [], [], []
    self.last_user, self.schema, self.reasons, self.parallel = "", None, False, True
    self.must_call, self.may_call, self.limit, self.choices = None, True, None, 1

  def user(self, text):
    self.texts.append(text)
    self.last_user = text

  @property
  def input_tokens(self):
    return 3 + sum(len(text.split()) + 2 for text in self.texts) + 85 * len(self.images) + 9 * len(self.tools)


def read_chat(body):
  known(body, CHAT_MEMBERS)
  asked = Asked(body)
  check(isinstance(body.get("messages"), list) and body["messages"], "'messages' must be a non-empty list", "messages")
  waiting = set()
  for place, message in enumerate(body["messages"]):
    where = f"messages[{place}]"
    role, content = message.get("role"), message.get("content")
    check(role in ("system", "developer", "user", "assistant", "tool"), f"{where}: unknown role {role}", where)
    if role != "tool":
      check(not waiting, f"{where}: the tool calls {sorted(waiting)} have no answer", where)
    if role == "tool":
      check(message.get("tool_call_id") in waiting, f"{where}: no call {message.get('tool_call_id')} waits", where)
      waiting.discard(message["tool_call_id"])
      text = content if isinstance(content, str) else "".join(part["text"] for part in content)
      asked.results.append(text)
      asked.texts.append(text)
      continue
    if role == "assistant":
      waiting = {call["id"] for call in message.get("tool_calls") or []}
      for call in message.get("tool_calls") or []:
        check(call.get("type") == "function" and isinstance(call["function"]["arguments"], str), f"{where}: bad call")
      check(content is not None or waiting, f"{where}: neither content nor tool_calls", where)
    else:
      check(content is not None, f"{where}: content is missing", where)
    for part in [{"type": "text", "text": content}] if isinstance(content, str) else content or []:
      if part["type"] == "text":
        asked.user(part["text"]) if role == "user" else asked.texts.append(part["text"])
      elif part["type"] == "image_url":
        asked.images.append(image_kind(part["image_url"]["url"]))
      else:
        check(part["type"] in ("file", "input_audio", "refusal"), f"{where}: unknown part {part['type']}", where)
    if role == "user":
      asked.results = []
  check(not waiting, f"the tool calls {sorted(waiting)} have no answer", "messages")
  for tool in body.get("tools") or []:
    check(tool.get("type") == "function" and tool["function"].get("name"), "tools: not a function", "tools")
    asked.tools.append((tool["function"]["name"], tool["function"].get("parameters") or {}))
  choice = body.get("tool_choice")
  asked.may_call = choice != "none"
  if isinstance(choice, dict):
    asked.must_call = choice["function"]["name"]
  elif choice == "required":
    asked.must_call = True
  asked.parallel = body.get("parallel_tool_calls", True)
  shape = body.get("response_format") or {}
  if shape.get("type") == "json_schema":
    check(shape["json_schema"].get("name"), "response_format.json_schema.name is missing", "response_format")
    asked.schema = shape["json_schema"]["schema"]
  elif shape.get("type") == "json_object":
    asked.schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
  asked.reasons = body.get("reasoning_effort") not in (None, "none")
  temperature = body.get("temperature")
  check(temperature is None or 0 <= temperature <= 2, "temperature is not between 0 and 2", "temperature")
  check("stream_options" not in body or body["stream_options"] is None or body.get("stream"),
        "stream_options is only allowed when stream is enabled", "stream_options")
  asked.limit = body.get("max_completion_tokens") or body.get("max_tokens")
  asked.choices = body.get("n") or 1
  return asked


def read_responses(body):
  known(body, RESPONSES_MEMBERS)
  asked = Asked(body)
  items = body.get("input")
  check(items is not None, "Missing required parameter: 'input'", "input")
  if body.get("instructions"):
    asked.texts.append(body["instructions"])
  for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
    kind = item.get("type", "message")
    if kind == "function_call_output":
      asked.results.append(item["output"] if isinstance(item["output"], str) else formats.dump(item["output"]))
      asked.texts.append(asked.results[-1])
    elif kind == "message":
      parts = item["content"]
      for part in [{"type": "input_text", "text": parts}] if isinstance(parts, str) else parts:
        if part["type"] in ("input_text", "output_text"):
          asked.user(part["text"]) if item["role"] == "user" else asked.texts.append(part["text"])
        elif part["type"] == "input_image":
          asked.images.append(image_kind(part["image_url"]))
      if item["role"] == "user":
        asked.results = []
    else:
      check(kind in ("function_call", "reasoning"), f"input: unknown item {kind}", "input")
  for tool in body.get("tools") or []:
    check(tool.get("type") == "function" and tool.get("name"), "tools: not a function with a name", "tools")
    asked.tools.append((tool["name"], tool.get("parameters") or {}))
  choice = body.get("tool_choice")
  asked.may_call = choice != "none"
  if isinstance(choice, dict):
    asked.must_call = choice["name"]
  elif choice == "required":
    asked.must_call = True
  asked.parallel = body.get("parallel_tool_calls", True)
  shape = (body.get("text") or {}).get("format") or {}
  if shape.get("type") == "json_schema":
    asked.schema = shape["schema"]
  asked.reasons = (body.get("reasoning") or {}).get("effort") not in (None, "none")
  asked.limit = body.get("max_output_tokens")
  return asked


def read_messages(body, counts_only=False):
  known(body, MESSAGES_MEMBERS)
  asked = Asked(body)
  limit = body.get("max_tokens")
  check(counts_only or (isinstance(limit, int) and limit > 0), "max_tokens: Field required and greater than 0")
  check(isinstance(body.get("messages"), list) and body["messages"], "messages: at least one message is required")
  system = body.get("system") or []
  for block in [{"type": "text", "text": system}] if isinstance(system, str) else system:
    check(block["type"] == "text" and block["text"], "system: text content blocks must be non-empty")
    asked.texts.append(block["text"])
  waiting, before = set(), None
  for place, message in enumerate(body["messages"]):
    where, role, content = f"messages.{place}", message.get("role"), message.get("content")
    check(role in ("user", "assistant"), f"{where}: Input should be 'user' or 'assistant'")
    check(place > 0 or role == "user", f"{where}: first message must use the \"user\" role")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    results = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
    check(waiting <= results, f"{where}: `tool_use` ids were found without `tool_result` blocks: {sorted(waiting - results)}")
    check(results <= waiting, f"{where}: unexpected `tool_use_id` found in `tool_result` blocks: {sorted(results - waiting)}")
    waiting = set()
    if role == "user" and not results:
      asked.results = []
    for block in blocks:
      kind = block["type"]
      if kind == "text":
        check(block["text"], f"{where}: text content blocks must be non-empty")
        asked.user(block["text"]) if role == "user" else asked.texts.append(block["text"])
      elif kind == "image":
        source = block["source"]
        asked.images.append(source["media_type"] if source["type"] == "base64" else "url")
      elif kind == "tool_use":
        check(isinstance(block["input"], dict), f"{where}: tool_use.input should be an object")
        waiting.add(block["id"])
      elif kind == "tool_result":
        inner = block.get("content") or ""
        text = inner if isinstance(inner, str) else "".join(part.get("text", "") for part in inner)
        asked.results.append(text)
        asked.texts.append(text)
      elif kind == "thinking":
        thought = formats.Reply("", "", reasoning=[block["thinking"]])
        check(block.get("signature") == formats.signature(thought), f"{where}: Invalid `signature` in `thinking` block")
      else:
        check(kind in ("document", "redacted_thinking"), f"{where}: unknown block {kind}")
    before = role
  check(not waiting, f"`tool_use` ids were found without `tool_result` blocks after them: {sorted(waiting)}")
  for tool in body.get("tools") or []:
    check(tool.get("name") and isinstance(tool.get("input_schema"), dict), "tools: name and input_schema are required")
    check(tool["input_schema"].get("type") == "object", "tools.input_schema.type: Field required")
    asked.tools.append((tool["name"], tool["input_schema"]))
  choice = body.get("tool_choice") or {"type": "auto"}
  check(choice["type"] in ("auto", "any", "tool", "none"), f"tool_choice.type: unknown {choice['type']}")
  check(asked.tools or "tool_choice" not in body, "tool_choice may only be specified while providing tools")
  asked.may_call = choice["type"] != "none"
  asked.must_call = choice["name"] if choice["type"] == "tool" else choice["type"] == "any" or None
  asked.parallel = not choice.get("disable_parallel_tool_use", False)
  shape = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
  if shape.get("type") == "json_schema":
    asked.schema = shape["schema"]
  thinking = body.get("thinking") or {}
  if thinking.get("type") == "enabled":
    budget = thinking.get("budget_tokens", 0)
    check(budget >= 1024, "thinking.budget_tokens: Input should be greater than or equal to 1024")
    check(counts_only or budget < limit, "`max_tokens` must be greater than `thinking.budget_tokens`")
  asked.reasons = thinking.get("type") in ("enabled", "adaptive")
  temperature = body.get("temperature")
  check(temperature is None or 0 <= temperature <= 1, "temperature: range: 0..1")
  check(not asked.reasons or temperature in (None, 1), "`temperature` may only be set to 1 when thinking is enabled")
  asked.limit = limit
  return asked


def image_kind(url):
  match = re.match(r"data:(image/[a-z]+);base64,[A-Za-z0-9+/=]+$", url)
  check(match or url.startswith(("https://", "http://")), "the image's address is neither a data URI nor http")
  return match[1] if match else "url"


def fitting(schema, name="value", root=None):
  """A value that fits a JSON schema; plain ones, as SDKs make them of classes."""
  root = root or schema
  if "$ref" in schema:
    target = root
    for part in schema["$ref"].removeprefix("#/").split("/"):
      target = target[part]
    return fitting(target, name, root)
  if "enum" in schema:
    return schema["enum"][0]
  if "const" in schema:
    return schema["const"]
  for union in ("anyOf", "oneOf", "allOf"):
    if union in schema:
      return fitting(schema[union][0], name, root)
  kind = schema.get("type", "object")
  kind = kind[0] if isinstance(kind, list) else kind
  if kind == "object":
    return {key: fitting(value, key, root) for key, value in schema.get("properties", {}).items()}
  if kind == "array":
    return [fitting(schema.get("items", {"type": "string"}), name, root)]
  return {"integer": 7, "number": 2.5, "boolean": True, "null": None}.get(kind, f"{name} ✓")


def pieces_of(text):
  return re.findall(r"\S+\s*|\s+", text)


def fragments_of(text):
  """Cut inside words, numbers and escapes, as providers do."""
  return [text[start:start + 7] for start in range(0, len(text), 7)]


def reply_to(asked, name="the scripted model"):
  """The answer. The id follows from the request, so that one and the same request has one and the same answer."""
  identity = hashlib.sha256(formats.dump(asked.body).encode()).hexdigest()[:16]
  reply = formats.Reply(identity, asked.model or "scripted", input_tokens=asked.input_tokens, choices=asked.choices)
  if asked.reasons:
    reply.reasoning = ["First I ", "think."]
  wants_tool = asked.tools and asked.may_call and not asked.results
  if wants_tool and (asked.must_call or "call" in asked.last_user):
    names = [tool for tool in asked.tools if asked.must_call in (None, True, tool[0])]
    count = min(max(1, asked.last_user.count("call")), len(names)) if asked.parallel else 1
    for number, (tool, schema) in enumerate(names[:count]):
      arguments = formats.dump(fitting(schema))
      reply.calls.append(formats.ToolCall(f"call_{identity[:8]}{number}", tool, fragments_of(arguments)))
    reply.finish = "tool_calls"
  elif asked.schema:
    reply.pieces = fragments_of(formats.dump(fitting(asked.schema)))
  elif "x_echo" in asked.body:
    # Shows that a member nobody knows arrives as it was sent.
    reply.pieces = [formats.dump(asked.body["x_echo"])]
  elif asked.results:
    reply.pieces = pieces_of("The tools said: " + " and ".join(asked.results))
  elif asked.images:
    reply.pieces = pieces_of(f"I see {len(asked.images)} images: {', '.join(asked.images)}.")
  elif words := re.search(r"say (\d+) words", asked.last_user):
    reply.pieces = [f"w{number} " for number in range(int(words[1]))]
  else:
    reply.pieces = pieces_of(f"Hello from {name}. Grüße, 你好 🦊!")
  if asked.limit and reply.output_tokens > asked.limit and not reply.calls and not asked.schema:
    reply.pieces = reply.pieces[:max(0, asked.limit - len(reply.reasoning))]
    reply.finish = "length"
  return reply


def pause_of(asked):
  """Seconds between two events."""
  pause = re.search(r"pause (\d+)", asked.last_user)
  return int(pause[1]) / 1_000 if pause else 0
