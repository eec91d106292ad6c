from promptflow import tool


@tool
def look(thing: dict) -> str:
    return f"{thing}: {type(thing)}"
