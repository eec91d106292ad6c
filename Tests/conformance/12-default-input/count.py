from promptflow.core import log_metric, tool


@tool
def count(words: list):
    log_metric("values", len(words))
    log_metric("first_is_default", int(words[0] == "value of the default"))
