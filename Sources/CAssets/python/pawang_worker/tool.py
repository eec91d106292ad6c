"""One loaded tool: its parameters, and how a call's arguments become a call."""

import inspect
import json
import re
import types
import typing

from .connections import MODEL_CONFIGURATIONS, classes_in, connection_object, is_connection_class, model_configuration
from .failures import LoadFailure, message_of
from .values import encode, json_text


def is_tool(value):
    return isinstance(value, types.FunctionType) and hasattr(value, "__tool")


class Tool:
    def __init__(self, key, target, owner):
        self.key = key
        self.kind = key[0]
        self._target = target
        self._owner = owner
        self.name = getattr(target, "__name__", str(target))
        plain = getattr(target, "__original_function", target)
        signature = _signature(plain)
        hints = _hints(plain)
        parameters = list(signature.parameters.values())
        if owner is not None and parameters and parameters[0].name == "self":
            parameters = parameters[1:]
        self.accepts_anything = any(one.kind is one.VAR_KEYWORD for one in parameters)
        self.parameters = _named_parameters(parameters, hints)
        self._initial = {}
        self._initialization = json.loads(key[2] or "{}") if self.kind in ("entry", "entryAggregate") else None
        if owner is not None and owner.__init__ is not object.__init__:
            constructor = list(_signature(owner.__init__).parameters.values())
            self._initial = _named_parameters(constructor[1:], _hints(owner.__init__))

    def described(self):
        """The signature as JSON text. A class that offers tools adds its initialisation values to each of them."""
        parameters = dict(self.parameters)
        if self._initialization is None:
            parameters = dict(self._initial, **self.parameters)
        shown = [
            {"name": name, "annotation": annotation_text(annotation), **_default(default)}
            for name, (annotation, default) in parameters.items()
        ]
        return encode({"function": self.name, "parameters": shown, "acceptsAnything": self.accepts_anything})

    def prepared(self, arguments, connections, loader):
        """The callable and its keyword arguments, with connection objects and the object of the class in place."""
        arguments = dict(arguments)
        if self._owner is None:
            return self._target, _converted(self.parameters, arguments, connections, self.accepts_anything)
        if self._initialization is not None:
            initial = dict(self._initialization)
        else:
            # A name that both take can only be meant for the method.
            names = [name for name in self._initial if name not in self.parameters]
            initial = {name: arguments.pop(name) for name in names if name in arguments}
        used = _initial_connections(self._initial, initial, connections)
        key = (self._owner, _text_of(initial), encode(used))
        instance = loader.instance(key, lambda: self._make(initial, used))
        rest = {name: given for name, given in connections.items() if name not in used or name in self.parameters}
        method = getattr(instance, self._target.__name__)
        return method, _converted(self.parameters, arguments, rest, self.accepts_anything)

    def _make(self, initial, connections):
        values = _converted(self._initial, dict(initial), connections, False)
        try:
            return self._owner(**values)
        except LoadFailure:
            raise
        except Exception as problem:
            raise LoadFailure("cannot make %s: %s" % (self._owner.__name__, message_of(problem))) from problem


def _initial_connections(parameters, values, connections):
    """The connections for initialisation values, by parameter: under its name, or named by its value."""
    by_name = {given["name"]: given for given in connections.values()}
    used = {}
    for name, (annotation, _) in parameters.items():
        value = values.get(name)
        if annotation_text(annotation) in MODEL_CONFIGURATIONS:
            value = value.get("connection") if isinstance(value, dict) else None
        elif not any(is_connection_class(found) for found in classes_in(annotation)):
            value = None
        given = connections.get(name) or (by_name.get(value) if isinstance(value, str) else None)
        if given:
            used[name] = given
    return used


def _converted(parameters, arguments, connections, accepts_anything):
    """The arguments with connection objects and model configurations in the place of their values."""
    for name, given in connections.items():
        annotation = parameters[name][0] if name in parameters else ""
        if annotation_text(annotation) in MODEL_CONFIGURATIONS:
            continue
        if name in parameters or accepts_anything or name in arguments:
            arguments[name] = connection_object(name, annotation, given)
    for name, value in arguments.items():
        if type(value) is dict and name in parameters:
            annotation = annotation_text(parameters[name][0])
            if annotation in MODEL_CONFIGURATIONS:
                arguments[name] = model_configuration(annotation, value, connections.get(name))
    return arguments


def _text_of(values):
    try:
        return json_text(values)
    except (TypeError, ValueError, RecursionError):
        return repr(values)


def _signature(function):
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return inspect.Signature([inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD)])


def _hints(function):
    try:
        return typing.get_type_hints(function)
    except Exception:
        return {}


def _named_parameters(parameters, hints):
    return {
        one.name: (hints.get(one.name, one.annotation), one.default)
        for one in parameters
        if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
    }


def annotation_text(annotation):
    """The annotation as a reader would write it: without modules; empty where there is none."""
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not typing.get_args(annotation):
        # A connection class under another name would not be seen as one.
        hidden = is_connection_class(annotation) and not annotation.__name__.endswith("Connection")
        return "CustomStrongTypeConnection" if hidden else annotation.__name__
    return re.sub(r"[A-Za-z_][\w.]*\.(?=[A-Za-z_])", "", str(annotation))


def _default(default):
    if default is inspect.Parameter.empty:
        return {}
    try:
        json_text(default)
    except (TypeError, ValueError, RecursionError):
        default = None
    return {"default": default}
