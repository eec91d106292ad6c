#!/usr/bin/env python3
"""Prompt flow's own tools, with its own Azure connection, against an Azure-shaped address. Run in prompt flow's environment.

    sdk_promptflow.py BASE KEY CHAT-DEPLOYMENT EMBEDDING-DEPLOYMENT   prints one JSON object of what came back
"""
import json
import sys

from promptflow.connections import AzureOpenAIConnection
from promptflow.tools.aoai import AzureOpenAI
from promptflow.tools.embedding import embedding

base, key, chat, embed = sys.argv[1:]
connection = AzureOpenAIConnection(api_base=base, api_key=key, api_type="azure", api_version="2024-10-21")
provider = AzureOpenAI(connection)
prompt = "# system:\nBe brief.\n\n# user:\n{{question}}\n"
tools = [{"type": "function", "function": {"name": "weather", "parameters": {
  "type": "object", "properties": {"city": {"type": "string"}}}}}]
found = {
  "chat": provider.chat(prompt=prompt, deployment_name=chat, question="Hi"),
  "stream": "".join(provider.chat(prompt=prompt, deployment_name=chat, question="Hi", stream=True)),
  "tools": provider.chat(prompt=prompt, deployment_name=chat, question="Please call it", tools=tools, tool_choice="auto"),
  "embedding": embedding(connection=connection, input="one", deployment_name=embed)}
if chat != "claude":
  # Anthropic has no such mode; that it is lost there is declared.
  found["json"] = provider.chat(prompt=prompt, deployment_name=chat, question="Hi", response_format={"type": "json_object"})
try:
  wrong = AzureOpenAIConnection(api_base=base, api_key="wrong", api_type="azure", api_version="2024-10-21")
  AzureOpenAI(wrong).chat(prompt=prompt, deployment_name=chat, question="Hi")
  found["wrong key"] = "was taken"
except Exception as error:  # what prompt flow makes of the refusal is what is of interest
  found["wrong key"] = f"{type(error).__name__}: {error}"
print(json.dumps(found, default=lambda value: getattr(value, "model_dump", value.__str__)()))
