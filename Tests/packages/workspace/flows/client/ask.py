from openai import OpenAI
from promptflow.connections import OpenAIConnection
from promptflow.core import tool


@tool
def ask(connection: OpenAIConnection, question: str) -> str:
  client = OpenAI(api_key=connection.api_key, base_url=connection.base_url, max_retries=0)
  messages = [{"role": "user", "content": question}]
  return client.chat.completions.create(model="mock-model", messages=messages).choices[0].message.content
