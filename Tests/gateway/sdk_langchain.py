"""What users of LangChain's OpenAI and Anthropic packages do, unmodified."""
import langchain_anthropic
import langchain_core.tools
import langchain_openai

import formats
from sdk_openai import SAID, Person, equal, named


@langchain_core.tools.tool
def weather(city: str, days: int) -> str:
  """Looks up the weather."""
  return f"{city} {days}"


def chat(model):
  def invoke():
    answer = model.invoke("Hi")
    equal(answer.text if isinstance(answer.text, str) else answer.text(), SAID)
    equal(answer.usage_metadata["output_tokens"], 8)

  def stream():
    parts = list(model.stream("Hi"))
    whole = parts[0]
    for part in parts[1:]:
      whole = whole + part
    equal(whole.text if isinstance(whole.text, str) else whole.text(), SAID)

  def batch():
    equal(len(model.batch(["a", "b", "c"])), 3)

  def tools():
    bound = model.bind_tools([weather])
    answer = bound.invoke("Please call it")
    equal([(call["name"], call["args"]) for call in answer.tool_calls], [("weather", {"city": "city ✓", "days": 7})])
    result = weather.invoke(answer.tool_calls[0])
    final = bound.invoke([("user", "Please call it"), answer, result])
    equal(final.text if isinstance(final.text, str) else final.text(), "The tools said: city ✓ 7")

  def structured():
    equal(model.with_structured_output(Person).invoke("Who? call"), Person(name="name ✓", age=7, tags=["tags ✓"]))

  yield from named(invoke, stream, batch, tools, structured)


def openai_chat(base, key, model, **more):
  return langchain_openai.ChatOpenAI(base_url=base + "/v1", api_key=key, model=model, **more)


def anthropic_chat(base, key, model):
  return langchain_anthropic.ChatAnthropic(base_url=base, api_key=key, model=model, max_tokens=3_000)


def embeddings(base, key, model):
  def documents():
    # Counting tokens beforehand would fetch a vocabulary from the internet.
    embedder = langchain_openai.OpenAIEmbeddings(
      base_url=base + "/v1", api_key=key, model=model, check_embedding_ctx_length=False)
    equal(embedder.embed_documents(["one", "two words"]), [formats.vector("one"), formats.vector("two words")])

  yield from named(documents)
