import time

from promptflow.core import tool


@tool
def now(word: str, seconds: float) -> str:
    time.sleep(seconds)
    return word
