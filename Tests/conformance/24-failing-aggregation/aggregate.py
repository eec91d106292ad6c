from promptflow.core import tool


@tool
def aggregate(values: list):
    return len(values) / 0
