from promptflow.core import tool


@tool
def compute(value: int, by: int) -> int:
    return value * by
