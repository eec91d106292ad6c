"""What users of the official `anthropic` package do, unmodified: only the base URL and the key are given."""
import asyncio
import time

import anthropic

from sdk_openai import PIXEL, SAID, TOOLS, Counted, Person, equal, named, raises, user

LIMIT = 3_000
CLAUDE_TOOLS = [
  {"name": tool["function"]["name"], "description": tool["function"]["description"],
   "input_schema": tool["function"]["parameters"]} for tool in TOOLS]


def messages(client, model, native):
  """Checks of messages; `native` where no translation is in between. Yields (name, check)."""
  def create(**more):
    return client.messages.create(**{"model": model, "max_tokens": LIMIT, "messages": user("Hi"), **more})

  def plain():
    answer = create(system="Be brief.")
    equal([block.type for block in answer.content], ["text"])
    equal(answer.content[0].text, SAID)
    equal((answer.stop_reason, answer.role, answer.type), ("end_turn", "assistant", "message"))
    equal(answer.usage.output_tokens, 8)
    assert answer.usage.input_tokens > 0
    assert answer._request_id, "no request-id"

  def streamed():
    events = list(create(stream=True))
    equal((events[0].type, events[-1].type), ("message_start", "message_stop"))
    equal("".join(event.delta.text for event in events if event.type == "content_block_delta"), SAID)
    end = next(event for event in events if event.type == "message_delta")
    equal((end.delta.stop_reason, end.usage.output_tokens), ("end_turn", 8))

  def helper():
    with client.messages.stream(model=model, max_tokens=LIMIT, messages=user("Hi")) as stream:
      text = "".join(stream.text_stream)
    equal(text, SAID)
    equal(stream.get_final_message().usage.output_tokens, 8)

  def tools():
    turns = user("call and call")
    first = create(messages=turns, tools=CLAUDE_TOOLS)
    calls = [block for block in first.content if block.type == "tool_use"]
    equal((first.stop_reason, [call.name for call in calls]), ("tool_use", ["weather", "traffic"]))
    equal(calls[0].input, {"city": "city ✓", "days": 7})
    turns += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [
      {"type": "tool_result", "tool_use_id": call.id, "content": call.name} for call in calls]}]
    equal(create(messages=turns, tools=CLAUDE_TOOLS).content[0].text, "The tools said: weather and traffic")
    one = create(messages=user("call, call"), tools=CLAUDE_TOOLS,
                 tool_choice={"type": "any", "disable_parallel_tool_use": True})
    equal(len([block for block in one.content if block.type == "tool_use"]), 1)

  def streamed_tools():
    with client.messages.stream(
      model=model, max_tokens=LIMIT, messages=user("call and call"), tools=CLAUDE_TOOLS) as stream:
      parts = [event.partial_json for event in stream if event.type == "input_json"]
    assert len(parts) > 2, parts
    final = stream.get_final_message()
    equal([block.input for block in final.content if block.type == "tool_use"], [{"city": "city ✓", "days": 7}] * 2)

  def image():
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL.split(",")[1]}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    equal(create(messages=[{"role": "user", "content": content}]).content[0].text, "I see 1 images: image/png.")

  def thinking():
    budget = {"type": "enabled", "budget_tokens": 1_024}
    turns = user("Please call it")
    first = create(messages=turns, tools=CLAUDE_TOOLS[:1], thinking=budget)
    if native:
      equal([block.type for block in first.content], ["thinking", "tool_use"])
      equal(first.content[0].thinking, "First I think.")
    call = next(block for block in first.content if block.type == "tool_use")
    turns += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [
      {"type": "tool_result", "tool_use_id": call.id, "content": "12 °C"}]}]
    # The scripted model checks the signature of the thinking that comes back.
    second = create(messages=turns, tools=CLAUDE_TOOLS[:1], thinking=budget)
    equal([block.text for block in second.content if block.type == "text"], ["The tools said: 12 °C"])
    with client.messages.stream(model=model, max_tokens=LIMIT, messages=user("Hi"), thinking=budget) as stream:
      stream.until_done()
    final = stream.get_final_message()
    equal("".join(block.text for block in final.content if block.type == "text"), SAID)
    if native:
      assert final.content[0].signature, "no signature"

  def structured():
    answer = client.messages.parse(model=model, max_tokens=LIMIT, messages=user("Who?"), output_format=Person)
    equal(answer.parsed_output, Person(name="name ✓", age=7, tags=["tags ✓"]))

  def cut_short():
    answer = create(max_tokens=3)
    equal((answer.stop_reason, answer.usage.output_tokens), ("max_tokens", 3))

  def count():
    counted = client.messages.count_tokens(model=model, messages=user("one two three"), system="Be brief.")
    assert counted.input_tokens > 3, counted
    if native:
      equal(counted.input_tokens, 3 + 5 + 4)

  def asynchronous():
    async def run():
      async with anthropic.AsyncAnthropic(base_url=str(client.base_url), api_key=client.api_key) as other:
        answers = await asyncio.gather(*(
          other.messages.create(model=model, max_tokens=LIMIT, messages=user(f"Hi {number}")) for number in range(20)))
        equal({answer.content[0].text for answer in answers}, {SAID})

    asyncio.run(run())

  yield from named(plain, streamed, helper, tools, streamed_tools, image, thinking, structured, cut_short, count,
                   asynchronous)


def gateway_only(setting):
  def client(key, **more):
    return anthropic.Anthropic(base_url=setting.base, api_key=key, **more)

  def create(client, **more):
    return client.messages.create(**{"model": "claude", "max_tokens": 100, "messages": user("Hi"), **more})

  def bearer():
    other = anthropic.Anthropic(base_url=setting.base, auth_token=setting.key)
    equal(create(other).content[0].text, SAID)

  def models():
    found = {model.id for model in client(setting.key).models.list()}
    assert {"claude", "gpt"} <= found, found

  def bad_key():
    error = raises(anthropic.AuthenticationError, lambda: create(client("wrong")))
    equal(error.body["error"]["type"], "authentication_error")

  def unknown_model():
    error = raises(anthropic.NotFoundError, lambda: create(client(setting.key), model="nobody"))
    equal(error.body["error"]["type"], "not_found_error")

  def wrong_request():
    error = raises(anthropic.BadRequestError, lambda: create(client(setting.key), messages=[]))
    equal(error.body["type"], "error")

  def budget():
    counted = Counted(anthropic, anthropic.Anthropic, base_url=setting.base, api_key=setting.poor_key)
    error = raises(anthropic.RateLimitError, lambda: create(counted.client))
    equal(error.body["error"]["type"], "rate_limit_error")
    equal(counted.count, 1, "requests sent")

  def idempotency():
    before, headers = setting.asked(), {"Idempotency-Key": f"claude-{time.time()}"}
    answers = [create(client(setting.key), extra_headers=headers) for _ in range(2)]
    equal(len({answer.id for answer in answers}), 1)
    equal(setting.asked() - before, 1, "requests at the upstream")

  yield from named(bearer, models, bad_key, unknown_model, wrong_request, budget, idempotency)
