"""Connection objects from the settings and secrets that came with a call."""

import importlib
import inspect
import typing

from .failures import LoadFailure

CLASS_NAMES = {
    "azure_open_ai": "AzureOpenAIConnection",
    "open_ai": "OpenAIConnection",
    "local": "OpenAIConnection",
    "serverless": "ServerlessConnection",
}
MODEL_CONFIGURATIONS = ("AzureOpenAIModelConfiguration", "OpenAIModelConfiguration")


def classes_in(annotation):
    """The classes an annotation names: itself, or the members of a union."""
    if isinstance(annotation, str):
        return []
    if isinstance(annotation, type):
        return [annotation]
    return [found for member in typing.get_args(annotation) for found in classes_in(member)]


def is_connection_class(found):
    """Whether a class is a connection class, of our `promptflow` or of the real one."""
    return isinstance(found, type) and any(
        base.__name__ == "_Connection" and base.__module__.startswith("promptflow.") for base in found.__mro__
    )


def connection_object(parameter, annotation, given):
    """The connection object for a parameter: of the class it is annotated with, else of the connection's own type."""
    package = importlib.import_module("promptflow.connections")
    settings, secrets = given["settings"], given["secrets"]
    natural = getattr(package, CLASS_NAMES.get(given["type"], "CustomConnection"))
    wanted = [found for found in classes_in(annotation) if is_connection_class(found)]
    if isinstance(annotation, str) and isinstance(getattr(package, annotation, None), type):
        wanted = [getattr(package, annotation)]
    if not wanted or natural in wanted:
        return build(natural, given["name"], settings, secrets)
    chosen = wanted[0]
    if given["type"] in CLASS_NAMES and not issubclass(chosen, package.CustomConnection):
        raise LoadFailure(
            "input '%s' takes %s, and connection `%s` is a %s; name a connection of that type"
            % (parameter, " or ".join(found.__name__ for found in wanted), given["name"], natural.__name__)
        )
    return build(chosen, given["name"], settings, secrets)


def build(chosen, name, settings, secrets):
    package = importlib.import_module("promptflow.connections")
    if issubclass(chosen, (package.CustomConnection, package.CustomStrongTypeConnection)):
        return chosen(configs=dict(settings), secrets=dict(secrets), name=name)
    values = dict(settings, **secrets)
    accepted = [
        parameter
        for parameter in inspect.signature(chosen.__init__).parameters.values()
        if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    ]
    for one, other in (("api_base", "base_url"), ("endpoint", "api_base"), ("api_base", "endpoint")):
        if any(parameter.name == one for parameter in accepted) and one not in values and other in values:
            values[one] = values[other]
    arguments = {}
    for parameter in accepted:
        if parameter.name in values:
            arguments[parameter.name] = values[parameter.name]
        elif parameter.default is parameter.empty:
            arguments[parameter.name] = None
    return chosen(name=name, **arguments)


def model_configuration(class_name, value, connection):
    """A model configuration from a dictionary; one that names a connection takes the connection's values."""
    chosen = getattr(importlib.import_module("promptflow.core"), class_name)
    if not isinstance(value, dict):
        raise LoadFailure("a value for %s has to be an object, not %s" % (class_name, type(value).__name__))
    fields = {key: member for key, member in value.items() if key not in ("type", "_type")}
    if fields.get("connection") is None:
        return chosen(**fields)
    if connection is None:
        raise LoadFailure("the model configuration names connection `%s`, which is not known" % fields["connection"])
    settings, secrets = connection["settings"], connection["secrets"]
    address = settings.get("api_base") or settings.get("base_url")
    if class_name == "AzureOpenAIModelConfiguration":
        return chosen(
            azure_deployment=fields.get("azure_deployment"), azure_endpoint=address,
            api_version=settings.get("api_version"), api_key=secrets.get("api_key"))
    return chosen(
        model=fields.get("model"), base_url=address, api_key=secrets.get("api_key"),
        organization=settings.get("organization"))
