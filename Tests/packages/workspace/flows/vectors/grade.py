import numpy
from promptflow.core import tool


@tool
def grade(found: int, expected: int):
  # A number of numpy's own leaves the node.
  return numpy.float64(found == expected)
