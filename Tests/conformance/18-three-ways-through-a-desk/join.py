from promptflow.core import tool


@tool
def join(what: str, first: str = None, second: str = None) -> str:
    return " ".join(part for part in (what, first, "/" if second else None, second) if part)
