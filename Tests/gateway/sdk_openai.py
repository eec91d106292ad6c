"""What users of the official `openai` package do, unmodified: only the base URL and the key are given."""
import asyncio
import base64
import json
import time

import openai
import pydantic

import formats

SAID = "Hello from the scripted model. Grüße, 你好 🦊!"
PIXEL = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\nnot really").decode()
TOOLS = [
  {"type": "function", "function": {
    "name": name, "description": f"Looks up the {name}", "parameters": {
      "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
      "required": ["city", "days"], "additionalProperties": False}}}
  for name in ("weather", "traffic")]


class Person(pydantic.BaseModel):
  name: str
  age: int
  tags: list[str]


def equal(one, other, what=""):
  if one != other:
    raise AssertionError(f"{what}: {one!r} is not {other!r}")


def raises(kind, call):
  try:
    call()
  except kind as error:
    return error
  raise AssertionError(f"{kind.__name__} was not raised")


def user(text):
  return [{"role": "user", "content": text}]


class Counted:
  """A client that counts the requests it really sends."""

  def __init__(self, library, cls, **arguments):
    self.count = 0

    def hook(_):
      self.count += 1

    self.client = cls(http_client=library.DefaultHttpxClient(event_hooks={"request": [hook]}), **arguments)


def chat(client, model, native):
  """Checks of chat completions; `native` where no translation is in between. Yields (name, check)."""
  create = client.chat.completions.create

  def plain():
    answer = create(model=model, messages=[{"role": "system", "content": "Be brief."}, *user("Hi")])
    equal(answer.choices[0].message.content, SAID)
    equal(answer.choices[0].finish_reason, "stop")
    equal(answer.object, "chat.completion")
    assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens == 8, answer.usage
    equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)
    assert answer._request_id, "no x-request-id"

  def streamed():
    chunks = list(create(model=model, messages=user("Hi"), stream=True))
    assert all(chunk.choices for chunk in chunks if not getattr(chunk, "prompt_filter_results", None)), "an empty chunk"
    assert all(chunk.usage is None for chunk in chunks), "usage that was not asked for"
    assert len({chunk.id for chunk in chunks if chunk.choices}) == 1
    equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), SAID)
    equal([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1], "stop")

  def streamed_usage():
    chunks = list(create(model=model, messages=user("Hi"), stream=True, stream_options={"include_usage": True}))
    equal(chunks[-1].choices, [])
    equal(chunks[-1].usage.completion_tokens, 8)
    equal(sum(chunk.usage is not None for chunk in chunks), 1)

  def helper():
    with client.chat.completions.stream(model=model, messages=user("Hi")) as stream:
      deltas = [event.delta for event in stream if event.type == "content.delta"]
    equal("".join(deltas), SAID)
    equal(stream.get_final_completion().choices[0].message.content, SAID)

  def tool():
    messages = user("Please call it")
    first = create(model=model, messages=messages, tools=TOOLS[:1], tool_choice="auto").choices[0]
    equal(first.finish_reason, "tool_calls")
    call = first.message.tool_calls[0]
    equal((call.type, call.function.name), ("function", "weather"))
    equal(json.loads(call.function.arguments), {"city": "city ✓", "days": 7})
    messages += [first.message, {"role": "tool", "tool_call_id": call.id, "content": "12 °C"}]
    equal(create(model=model, messages=messages, tools=TOOLS[:1]).choices[0].message.content, "The tools said: 12 °C")

  def parallel_tools():
    messages = user("call and call")
    first = create(model=model, messages=messages, tools=TOOLS).choices[0].message
    equal([call.function.name for call in first.tool_calls], ["weather", "traffic"])
    messages += [first.model_dump(exclude_none=True)]
    messages += [{"role": "tool", "tool_call_id": call.id, "content": call.function.name} for call in first.tool_calls]
    equal(create(model=model, messages=messages, tools=TOOLS).choices[0].message.content,
          "The tools said: weather and traffic")
    one = create(model=model, messages=user("call and call"), tools=TOOLS, parallel_tool_calls=False)
    equal(len(one.choices[0].message.tool_calls), 1)

  def streamed_tools():
    with client.chat.completions.stream(model=model, messages=user("call and call"), tools=TOOLS) as stream:
      kinds = [event.type for event in stream]
    assert "tool_calls.function.arguments.delta" in kinds, kinds
    message = stream.get_final_completion().choices[0]
    equal(message.finish_reason, "tool_calls")
    equal([json.loads(call.function.arguments) for call in message.message.tool_calls], [{"city": "city ✓", "days": 7}] * 2)

  def forced_tool():
    choice = {"type": "function", "function": {"name": "traffic"}}
    answer = create(model=model, messages=user("x"), tools=TOOLS, tool_choice=choice)
    equal(answer.choices[0].message.tool_calls[0].function.name, "traffic")
    equal(create(model=model, messages=user("call"), tools=TOOLS, tool_choice="none").choices[0].message.content, SAID)

  def parsed():
    answer = client.chat.completions.parse(model=model, messages=user("Who?"), response_format=Person)
    equal(answer.choices[0].message.parsed, Person(name="name ✓", age=7, tags=["tags ✓"]))

  def parsed_stream():
    with client.chat.completions.stream(model=model, messages=user("Who?"), response_format=Person) as stream:
      stream.until_done()
    equal(stream.get_final_completion().choices[0].message.parsed.age, 7)

  def image():
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    answer = create(model=model, messages=[{"role": "user", "content": content}])
    equal(answer.choices[0].message.content, "I see 1 images: image/png.")

  def cut_short():
    for name in ("max_tokens", "max_completion_tokens"):
      answer = create(model=model, messages=user("Hi"), **{name: 3})
      equal(answer.choices[0].finish_reason, "length")
      equal(answer.usage.completion_tokens, 3)

  def reasoning():
    answer = create(model=model, messages=user("Hi"), reasoning_effort="low", max_completion_tokens=4_000)
    equal(answer.choices[0].message.content, SAID)
    chunks = list(create(model=model, messages=user("Hi"), reasoning_effort="low", max_completion_tokens=4_000, stream=True))
    equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), SAID)
    thoughts = "".join(getattr(chunk.choices[0].delta, "reasoning_content", None) or "" for chunk in chunks if chunk.choices)
    # An effort turns on Claude's thinking too; its text comes beside the answer, never in it.
    equal(thoughts, "First I think.")

  def several():
    if native:
      answer = create(model=model, messages=user("Hi"), n=2)
      equal([choice.index for choice in answer.choices], [0, 1])
      equal(answer.usage.completion_tokens, 16)
      chunks = list(create(model=model, messages=user("Hi"), n=2, stream=True))
      for index in (0, 1):
        text = "".join(
          choice.delta.content or "" for chunk in chunks for choice in chunk.choices if choice.index == index)
        equal(text, SAID)
    else:
      error = raises(openai.BadRequestError, lambda: create(model=model, messages=user("Hi"), n=2))
      assert "n" in (error.param or "") or "`n`" in error.message, error

  def unknown_members():
    value = {"deep": [1, 2.50, None, "ü\u2028"], "huge": 12345678901234567890}
    answer = create(model=model, messages=user("Hi"), extra_body={"x_echo": value})
    equal(json.loads(answer.choices[0].message.content), value)

  def asynchronous():
    async def run():
      async with openai.AsyncOpenAI(base_url=str(client.base_url), api_key=client.api_key) as other:
        answers = await asyncio.gather(*(
          other.chat.completions.create(model=model, messages=user(f"Hi {number}")) for number in range(20)))
        equal({answer.choices[0].message.content for answer in answers}, {SAID})
        stream = await other.chat.completions.create(model=model, messages=user("Hi"), stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    equal(asyncio.run(run()), SAID)

  yield from named(plain, streamed, streamed_usage, helper, tool, parallel_tools, streamed_tools, forced_tool, parsed,
                   parsed_stream, image, cut_short, reasoning, several, asynchronous)
  if native:
    yield "unknown members", unknown_members


def named(*functions):
  return [(function.__name__.replace("_", " "), function) for function in functions]


def responses(client, model):
  create = client.responses.create
  tools = [{"type": "function", "strict": True, **tool["function"]} for tool in TOOLS]

  def plain():
    answer = create(model=model, input="Hi", instructions="Be brief.", store=False)
    equal(answer.output_text, SAID)
    equal(answer.status, "completed")
    equal(answer.usage.output_tokens, 8)

  def streamed():
    events = list(create(model=model, input="Hi", stream=True, store=False))
    equal(events[0].type, "response.created")
    equal(events[-1].type, "response.completed")
    equal([event.sequence_number for event in events], list(range(len(events))))
    equal("".join(event.delta for event in events if event.type == "response.output_text.delta"), SAID)
    equal(events[-1].response.usage.output_tokens, 8)

  def helper():
    with client.responses.stream(model=model, input="Hi", store=False) as stream:
      stream.until_done()
    equal(stream.get_final_response().output_text, SAID)

  def tool():
    items = [{"role": "user", "content": "call and call"}]
    first = create(model=model, input=items, tools=tools, store=False)
    calls = [item for item in first.output if item.type == "function_call"]
    equal([call.name for call in calls], ["weather", "traffic"])
    items += [item.model_dump(exclude_none=True, exclude={"status"}) for item in calls]
    items += [{"type": "function_call_output", "call_id": call.call_id, "output": call.name} for call in calls]
    equal(create(model=model, input=items, tools=tools, store=False).output_text, "The tools said: weather and traffic")

  def streamed_tool():
    events = list(create(model=model, input="call", tools=tools, stream=True, store=False))
    text = "".join(event.delta for event in events if event.type == "response.function_call_arguments.delta")
    equal(json.loads(text), {"city": "city ✓", "days": 7})

  def parsed():
    answer = client.responses.parse(model=model, input="Who?", text_format=Person, store=False)
    equal(answer.output_parsed, Person(name="name ✓", age=7, tags=["tags ✓"]))

  def cut_short():
    answer = create(model=model, input="Hi", max_output_tokens=3, store=False)
    equal((answer.status, answer.incomplete_details.reason), ("incomplete", "max_output_tokens"))

  yield from named(plain, streamed, helper, tool, streamed_tool, parsed, cut_short)


def embeddings(client, model):
  def default():
    # The package asks for base64 and decodes it itself.
    answer = client.embeddings.create(model=model, input=["one", "two words"])
    equal([item.embedding for item in answer.data], [formats.vector("one"), formats.vector("two words")])
    equal(answer.usage.prompt_tokens, 5)

  def floats():
    answer = client.embeddings.create(model=model, input="one", encoding_format="float", dimensions=4)
    equal(answer.data[0].embedding, formats.vector("one", 4))

  def tokens():
    answer = client.embeddings.create(model=model, input=[[1, 2, 3], [4]])
    equal(len(answer.data), 2)
    equal(answer.usage.prompt_tokens, 4)

  yield from named(default, floats, tokens)


def gateway_only(setting):
  """What only a gateway does: `setting` has clients for keys of every kind and the upstream's bill."""
  client = setting.openai(setting.key)
  create = client.chat.completions.create

  def models():
    found = {model.id for model in client.models.list()}
    assert {"gpt", "claude", "team/gpt", "embed"} <= found, found
    for name in ("gpt", "team/gpt"):
      equal(client.models.retrieve(name).id, name)
    raises(openai.NotFoundError, lambda: client.models.retrieve("nobody"))

  def a_name_with_a_slash():
    equal(create(model="team/gpt", messages=user("Hi")).choices[0].message.content, SAID)

  def bad_key():
    counted = Counted(openai, openai.OpenAI, base_url=setting.base + "/v1", api_key="pwg_nobodynobody_wrong")
    error = raises(openai.AuthenticationError, lambda: counted.client.chat.completions.create(model="gpt", messages=user("Hi")))
    equal(error.code, "invalid_api_key")
    equal(counted.count, 1)

  def unknown_model():
    error = raises(openai.NotFoundError, lambda: create(model="nobody", messages=user("Hi")))
    equal(error.code, "model_not_found")

  def wrong_request():
    raises(openai.BadRequestError, lambda: create(model="gpt", messages=[]))
    raises(openai.BadRequestError, lambda: create(model="gpt", messages=user("Hi"), temperature=9))
    raises(openai.BadRequestError, lambda: create(model="gpt", messages=user("Hi"), max_tokens="many"))

  def a_model_that_is_not_allowed():
    narrow = setting.openai(setting.narrow_key)
    equal({model.id for model in narrow.models.list()}, {"claude"})
    raises((openai.PermissionDeniedError, openai.NotFoundError),
           lambda: narrow.chat.completions.create(model="gpt", messages=user("Hi")))

  def budget():
    counted = Counted(openai, openai.OpenAI, base_url=setting.base + "/v1", api_key=setting.poor_key)
    error = raises(openai.RateLimitError,
                   lambda: counted.client.chat.completions.create(model="gpt", messages=user("Hi"), max_tokens=50))
    equal(error.code, "budget_exceeded")
    equal(counted.count, 1, "requests sent")
    equal(error.response.headers.get("x-should-retry"), "false")
    assert "paula@example.org" in error.message or "key" in error.message, error.message

  def rate_limit():
    limited = setting.openai(setting.slow_key, max_retries=0)
    limited.chat.completions.create(model="gpt", messages=user("Hi"))
    error = raises(openai.RateLimitError, lambda: limited.chat.completions.create(model="gpt", messages=user("Hi")))
    equal(error.code, "rate_limit_exceeded")
    assert int(error.response.headers["retry-after"]) >= 1

  def revoked():
    key, identifier = setting.fresh_key()
    other = setting.openai(key)
    started = time.monotonic()
    while True:
      # A running server learns of a new key within a second.
      try:
        other.chat.completions.create(model="gpt", messages=user("Hi"))
        break
      except openai.AuthenticationError:
        assert time.monotonic() - started <= 1.5, "a new key takes more than a second"
    setting.revoke(identifier)
    started = time.monotonic()
    while time.monotonic() - started < 5:
      try:
        other.chat.completions.create(model="gpt", messages=user("Hi"))
      except openai.AuthenticationError:
        assert time.monotonic() - started <= 1.5, "took more than a second"
        return
    raise AssertionError("a revoked key keeps working")

  def idempotency():
    before = setting.asked()
    headers = {"Idempotency-Key": f"one-{time.time()}"}
    answers = [create(model="gpt", messages=user("Once only"), extra_headers=headers) for _ in range(3)]
    equal(len({answer.id for answer in answers}), 1)
    streams = [
      "".join(chunk.choices[0].delta.content or "" for chunk in create(
        model="gpt", messages=user("Once streamed"), stream=True, extra_headers={"Idempotency-Key": "two" + headers["Idempotency-Key"]}))
      for _ in range(2)]
    equal(streams, [SAID, SAID])
    equal(setting.asked() - before, 2, "requests at the upstream")
    raises((openai.UnprocessableEntityError, openai.BadRequestError, openai.ConflictError),
           lambda: create(model="gpt", messages=user("Something else"), extra_headers=headers))

  def a_retry_of_the_package():
    before, text = setting.asked(), f"Retried {time.time()}"
    create(model="gpt", messages=user(text))
    create(model="gpt", messages=user(text), extra_headers={"x-stainless-retry-count": "1"})
    equal(setting.asked() - before, 1, "requests at the upstream")

  def timeout():
    patient = setting.openai(setting.key, max_retries=0, timeout=0.7)
    started = time.monotonic()
    raises(openai.APITimeoutError, lambda: patient.chat.completions.create(
      model="gpt", messages=user("say 50 words pause 100")))
    assert time.monotonic() - started < 3

  def left_in_the_middle():
    stream = create(model="gpt", messages=user("say 100 words pause 20"), stream=True)
    for number, _ in enumerate(stream):
      if number == 5:
        break
    stream.close()
    equal(create(model="gpt", messages=user("Hi")).choices[0].message.content, SAID)

  def cached():
    before, text = setting.asked(), f"Cached {time.time()}"
    first = create(model="cached", messages=user(text))
    equal(create(model="cached", messages=user(text)).id, first.id)
    for _ in range(2):
      chunks = list(create(model="cached", messages=user(text), stream=True))
      equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), SAID)
    equal(setting.asked() - before, 2, "requests at the upstream")

  def azure():
    other = openai.AzureOpenAI(azure_endpoint=setting.base, api_key=setting.key, api_version="2024-10-21")
    equal(other.chat.completions.create(model="azure", messages=user("Hi")).choices[0].message.content, SAID)
    chunks = list(other.chat.completions.create(model="azure", messages=user("Hi"), stream=True))
    equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), SAID)
    equal(other.embeddings.create(model="embed", input="one").data[0].embedding, formats.vector("one"))
    wrong = openai.AzureOpenAI(azure_endpoint=setting.base, api_key="wrong", api_version="2024-10-21")
    raises(openai.AuthenticationError, lambda: wrong.chat.completions.create(model="azure", messages=user("Hi")))

  yield from named(models, a_name_with_a_slash, bad_key, unknown_model, wrong_request, a_model_that_is_not_allowed, budget,
                   rate_limit, revoked, idempotency, a_retry_of_the_package, timeout, left_in_the_middle, cached, azure)
