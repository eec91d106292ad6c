import os

from promptflow.core import tool


@tool
def read(name: str) -> str:
    return os.environ.get(name, "not set")
