from promptflow.core import tool


@tool
def say(word: str) -> str:
    if word == "raise":
        raise Exception("expected raise!")
    return word
