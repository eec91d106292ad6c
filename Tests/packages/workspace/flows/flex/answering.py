import os

from openai import OpenAI
from promptflow.core import OpenAIModelConfiguration
from promptflow.tracing import trace


class Answering:
  def __init__(self, model_config: OpenAIModelConfiguration = None):
    self.model = model_config.model if model_config else "mock-model"

  @trace
  def __call__(self, question: str) -> dict:
    client = OpenAI(api_key=os.environ["MOCK_KEY"], base_url=os.environ["MOCK_URL"] + "/v1", max_retries=0)
    messages = [{"role": "user", "content": question}]
    answer = client.chat.completions.create(model=self.model, messages=messages)
    return {"answer": answer.choices[0].message.content}
