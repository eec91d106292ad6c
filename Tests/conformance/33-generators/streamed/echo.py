from promptflow.core import tool


@tool
def echo(text: str):
    for word in ["Echo:", text]:
        yield word + " "
