from promptflow.core import tool


@tool
def total(one: int, two: int, three: int, four: int) -> int:
    return one + two + three + four
