from promptflow.core import tool


@tool
def odd(number: int) -> dict:
    return {"nan": float("nan"), "inf": float("inf"), "minus": float("-inf")}
