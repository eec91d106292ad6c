import os
import pathlib

# Only the real package has this one.
from promptflow.core import Prompty, tool


@tool
def ask(question: str) -> str:
  configuration = {"type": "openai", "api_key": os.environ["MOCK_KEY"], "base_url": os.environ["MOCK_URL"] + "/v1", "model": "mock-model"}
  source = pathlib.Path(__file__).with_name("ask.prompty")
  return Prompty.load(source=source, model={"configuration": configuration})(question=question)
