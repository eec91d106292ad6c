"""Exceptions that tools raise or catch."""

from enum import Enum


class ErrorTarget(str, Enum):
    EXECUTOR = "Executor"
    CORE = "Core"
    TOOL = "Tool"
    UNKNOWN = "Unknown"


class PromptflowException(Exception):
    def __init__(self, message="", message_format="", target=ErrorTarget.UNKNOWN, module=None, **kwargs):
        self.target = target
        self.module = module
        self.inner_exception = kwargs.get("error")
        text = str(message) if message else message_format.format(**kwargs) if message_format else type(self).__name__
        self.message = text
        super().__init__(text)


class UserErrorException(PromptflowException):
    """The flow or its input is wrong."""


class SystemErrorException(PromptflowException):
    """What runs the flow is wrong."""


class ValidationException(UserErrorException):
    """A value is not allowed."""
