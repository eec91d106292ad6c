from promptflow.core import tool


@tool
def report(from_a: str = None, from_b: str = None) -> str:
    return " ".join(
        f"Node {name} executed." if value else f"Node {name} not executed." for name, value in (("a", from_a), ("b", from_b))
    )
