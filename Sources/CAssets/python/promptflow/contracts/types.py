"""Types that say what a tool's parameter is for."""

from dataclasses import dataclass
from typing import List


class Secret(str):
    def set_secret_name(self, name):
        self.secret_name = name


class PromptTemplate(str):
    pass


class FilePath(str):
    pass


@dataclass
class AssistantDefinition:
    model: str
    instructions: str
    tools: List

    @staticmethod
    def deserialize(data):
        return AssistantDefinition(data.get("model", ""), data.get("instructions", ""), data.get("tools", []))

    def serialize(self):
        return {"model": self.model, "instructions": self.instructions, "tools": self.tools}


class AttrDict(dict):
    def __getattr__(self, key):
        return self[key]

    def __setattr__(self, key, value):
        self[key] = value
