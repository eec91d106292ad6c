from promptflow.core import tool


@tool
def grade(expected: str, given: str) -> str:
    return "Correct" if expected.strip().lower() == given.strip().lower() else "Incorrect"
