from promptflow.core import tool


@tool
def keep(number: int, by: int) -> int:
    if number % by == 0:
        raise Exception(f"{number} is divisible by {by}")
    return number
