from promptflow.core import tool


@tool
def say(word: str) -> str:
    return word
