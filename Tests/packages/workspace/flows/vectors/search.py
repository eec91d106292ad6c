import faiss
import numpy
from promptflow.core import tool

ROWS = numpy.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype="float32")


@tool
def search(wanted: list):
  index = faiss.IndexFlatIP(3)
  index.add(ROWS)
  return index.search(numpy.array([wanted], dtype="float32"), 1)[1][0][0].item()
