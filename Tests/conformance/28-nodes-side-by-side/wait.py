import time

from promptflow.core import tool


@tool
def wait(seconds: int, fails: bool = False) -> int:
    if fails:
        raise ValueError("told to fail")
    time.sleep(seconds)
    return seconds
