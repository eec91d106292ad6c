from promptflow.core import tool
from words import WORDS


@tool
def say(text: str) -> str:
    return f"own {WORDS} {text}"
