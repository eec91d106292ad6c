from promptflow.core import tool


@tool
def mod_two(number: int) -> int:
    if number % 2:
        raise Exception("cannot mod 2!")
    return number
