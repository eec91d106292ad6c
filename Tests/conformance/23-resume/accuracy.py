from promptflow.core import log_metric, tool


@tool
def accuracy(grades: list):
    log_metric("accuracy", round(grades.count("Correct") / len(grades), 2))
