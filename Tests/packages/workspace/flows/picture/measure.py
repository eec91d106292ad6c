import io

import PIL.Image
from promptflow.contracts.multimedia import Image
from promptflow.core import tool


@tool
def measure(picture: Image) -> list:
  return list(PIL.Image.open(io.BytesIO(picture)).size)
