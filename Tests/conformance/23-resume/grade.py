import os

from promptflow.core import tool


@tool
def grade(expected: str, given: str) -> str:
    if expected == os.environ.get("BROKEN"):
        raise RuntimeError(f"no grade for {expected} today")
    return "Correct" if expected == given else "Incorrect"
