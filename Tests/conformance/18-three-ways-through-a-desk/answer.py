from promptflow.core import tool


@tool
def answer(order: int = None, summary: str = None) -> str:
    if order is not None:
        return f"answer: order {order} / {summary}"
    return f"answer: / {summary}" + ("" if "reply" in summary else " /")
