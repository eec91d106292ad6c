from promptflow.core import tool


@tool
def halve(num: int) -> int:
    return num // 2
