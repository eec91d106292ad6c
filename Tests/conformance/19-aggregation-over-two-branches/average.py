from promptflow.core import log_metric, tool


@tool
def average(values: list):
    kept = [value for value in values if value is not None]
    log_metric("average", sum(kept) / len(kept))
