import io

import PIL.Image
from promptflow.contracts.multimedia import Image
from promptflow.core import tool


@tool
def turn(picture: Image) -> Image:
  out = io.BytesIO()
  PIL.Image.open(io.BytesIO(picture)).rotate(90, expand=True).save(out, "PNG")
  return Image(out.getvalue(), "image/png")
