"""The `@tool` mark, and the base class of tools that share an initialisation."""

import inspect
from abc import ABC


def tool(func=None, *, name=None, description=None, type=None, input_settings=None,
         streaming_option_parameter=None, **kwargs):
    """Marks a function as a tool. Works with and without arguments."""

    def mark(function):
        function.__tool = None
        function.__name = name
        function.__description = description
        function.__type = type
        function.__input_settings = input_settings
        function.__extra_info = kwargs
        if streaming_option_parameter:
            function._streaming_option_parameter = streaming_option_parameter
        return function

    return mark if func is None else mark(func)


class ToolProvider(ABC):
    """A class whose `@tool` methods also take the parameters of `__init__` as inputs."""

    @classmethod
    def get_initialize_inputs(cls):
        return {name: value for name, value in inspect.signature(cls.__init__).parameters.items() if name != "self"}

    @classmethod
    def get_required_initialize_inputs(cls):
        inputs = cls.get_initialize_inputs()
        return {name: value for name, value in inputs.items() if value.default is inspect.Parameter.empty}


class DynamicList:
    """Where an editor would get the choices of an input; of no effect here."""

    def __init__(self, function=None, input_mapping=None):
        self.function = function
        self.input_mapping = input_mapping


class InputSetting:
    """How an editor would show an input; of no effect here."""

    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)
