from promptflow.core import tool


@tool
def echo(parts) -> str:
    return "Echo-" + "".join(parts)
