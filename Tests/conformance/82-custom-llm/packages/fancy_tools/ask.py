from promptflow.connections import OpenAIConnection
from promptflow.core import tool


@tool
def ask(connection: OpenAIConnection, prompt: str, **kwargs) -> str:
    has_key = "has a key" if connection.api_key else "has no key"
    return f"{type(connection).__name__} {has_key}; prompt: {prompt.strip()}; text: {kwargs['text']}"
