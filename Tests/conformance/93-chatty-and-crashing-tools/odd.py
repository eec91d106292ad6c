import os
import sys

from promptflow.core import tool


@tool
def odd(value: int) -> int:
    print('{"id": 1, "output": "not mine"}' * 1000)
    os.write(1, b"straight to the pipe\n")
    print("noise", file=sys.stderr)
    if value == 2:
        os._exit(7)
    return value
