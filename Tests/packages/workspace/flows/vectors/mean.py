from typing import List

import numpy
from promptflow.core import log_metric, tool


@tool
def mean(grades: List[float]):
  log_metric("accuracy", float(numpy.mean(grades)))
  return len(grades)
