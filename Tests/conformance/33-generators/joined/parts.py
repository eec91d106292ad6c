from promptflow.core import tool


@tool
def parts(words: str):
    for word in words.split():
        yield word
