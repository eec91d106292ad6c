from promptflow.core import ToolProvider, tool


class Greeter(ToolProvider):
  def __init__(self, polite: bool):
    super().__init__()
    self.polite = polite

  @tool
  def greet(self, name: str) -> str:
    return ("Good day, " if self.polite else "Hi ") + name
