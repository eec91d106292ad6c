from promptflow.core import log_metric, tool


@tool
def accuracy(texts: list):
    log_metric("accuracy", sum(isinstance(text, str) for text in texts) / len(texts))
