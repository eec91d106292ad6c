import time

from promptflow.core import tool


@tool
def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds
