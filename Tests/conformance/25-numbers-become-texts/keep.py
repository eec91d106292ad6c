from promptflow.core import tool


@tool
def keep(text: str) -> str:
    return text
