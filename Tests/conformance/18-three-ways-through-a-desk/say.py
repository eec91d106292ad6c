from promptflow.core import tool


@tool
def say(what: str, first) -> str:
    return f"{what} {first}"
