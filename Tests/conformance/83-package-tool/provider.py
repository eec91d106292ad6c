from promptflow.core import ToolProvider, tool


class Counter(ToolProvider):
    def __init__(self, unit: int):
        super().__init__()
        self.unit = unit

    @tool
    def count(self, text: str) -> int:
        return len(text) * self.unit
