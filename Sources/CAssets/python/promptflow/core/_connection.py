"""Connection classes: settings in `configs`, secrets in `secrets`, both also as attributes. A `repr` shows neither."""

import os

from promptflow.contracts.types import Secret
from promptflow.core._errors import RequiredEnvironmentVariablesNotSetError

AZURE_OPENAI_VERSION = "2024-02-01"
SEARCH_VERSION = "2023-11-01"
CONTENT_SAFETY_VERSION = "2023-10-01"
FORM_RECOGNIZER_VERSION = "2023-07-31"


class _Connection:
    TYPE = "NotSet"

    def __init__(self, name=None, module="promptflow.connections", configs=None, secrets=None, **kwargs):
        self.name = name
        self.type = self.TYPE
        self.class_name = "%sConnection" % self.TYPE
        self.module = module
        self.configs = {} if configs is None else configs
        self.secrets = {} if secrets is None else secrets

    def keys(self):
        return list(self.configs) + list(self.secrets)

    def __getitem__(self, item):
        for values in (self.secrets, self.configs):
            if item in values:
                return values[item]
        raise KeyError("connection %r has no %r" % (self.name, item))

    def __repr__(self):
        return "<%s %s>" % (type(self).__name__, self.name)


def _setting(name):
    return property(
        lambda self: self.configs.get(name), lambda self, value: self.configs.__setitem__(name, value))


class _KeyConnection(_Connection):
    api_key = property(
        lambda self: self.secrets.get("api_key"), lambda self, value: self.secrets.__setitem__("api_key", value))


class _TokenConnection(_KeyConnection):
    auth_mode = _setting("auth_mode")

    def get_token(self):
        """A Microsoft Entra token; needs the package `azure-identity`."""
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential().get_token("https://cognitiveservices.azure.com/.default").token


class AzureOpenAIConnection(_TokenConnection):
    TYPE = "AzureOpenAI"
    api_base = _setting("api_base")
    api_type = _setting("api_type")
    api_version = _setting("api_version")
    resource_id = _setting("resource_id")

    def __init__(self, api_base, api_key=None, api_type="azure", api_version=AZURE_OPENAI_VERSION, auth_mode="key",
                 resource_id=None, **kwargs):
        configs = {
            "api_base": api_base, "api_type": api_type, "api_version": api_version, "auth_mode": auth_mode,
            "resource_id": resource_id,
        }
        super().__init__(configs=configs, secrets={"api_key": api_key} if auth_mode == "key" else {}, **kwargs)

    @classmethod
    def from_env(cls, name=None):
        values = _environment(cls, "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY")
        version = os.environ.get("OPENAI_API_VERSION") or AZURE_OPENAI_VERSION
        return cls(api_base=values[0], api_key=values[1], api_version=version, name=name)


class OpenAIConnection(_KeyConnection):
    TYPE = "OpenAI"
    organization = _setting("organization")
    base_url = _setting("base_url")

    def __init__(self, api_key, organization=None, base_url=None, **kwargs):
        address = None if base_url in ("", "_") else base_url
        super().__init__(
            configs={"organization": organization, "base_url": address}, secrets={"api_key": api_key}, **kwargs)

    @classmethod
    def from_env(cls, name=None):
        key, = _environment(cls, "OPENAI_API_KEY")
        organization, address = os.environ.get("OPENAI_ORG_ID"), os.environ.get("OPENAI_BASE_URL")
        return cls(api_key=key, organization=organization, base_url=address, name=name)


class ServerlessConnection(_KeyConnection):
    TYPE = "Serverless"
    api_base = _setting("api_base")

    def __init__(self, api_key, api_base, **kwargs):
        super().__init__(configs={"api_base": api_base}, secrets={"api_key": api_key}, **kwargs)


class QdrantConnection(ServerlessConnection):
    TYPE = "Qdrant"


class WeaviateConnection(ServerlessConnection):
    TYPE = "Weaviate"


class SerpConnection(_KeyConnection):
    TYPE = "Serp"

    def __init__(self, api_key, **kwargs):
        super().__init__(secrets={"api_key": api_key}, **kwargs)


class CognitiveSearchConnection(_TokenConnection):
    TYPE = "CognitiveSearch"
    api_base = _setting("api_base")
    api_version = _setting("api_version")

    def __init__(self, api_base, api_key=None, api_version=SEARCH_VERSION, auth_mode="key", **kwargs):
        configs = {"api_base": api_base, "api_version": api_version, "auth_mode": auth_mode}
        super().__init__(configs=configs, secrets={"api_key": api_key} if auth_mode == "key" else {}, **kwargs)


class AzureAIServicesConnection(_TokenConnection):
    TYPE = "AzureAIServices"
    endpoint = _setting("endpoint")

    def __init__(self, endpoint, api_key=None, auth_mode="key", **kwargs):
        configs = {"endpoint": endpoint, "auth_mode": auth_mode}
        super().__init__(configs=configs, secrets={"api_key": api_key} if auth_mode == "key" else {}, **kwargs)


class AzureContentSafetyConnection(_KeyConnection):
    TYPE = "AzureContentSafety"
    endpoint = _setting("endpoint")
    api_version = _setting("api_version")
    api_type = _setting("api_type")

    def __init__(self, api_key, endpoint, api_version=CONTENT_SAFETY_VERSION, api_type="Content Safety", **kwargs):
        configs = {"endpoint": endpoint, "api_version": api_version, "api_type": api_type}
        super().__init__(configs=configs, secrets={"api_key": api_key}, **kwargs)


class FormRecognizerConnection(AzureContentSafetyConnection):
    TYPE = "FormRecognizer"

    def __init__(self, api_key, endpoint, api_version=FORM_RECOGNIZER_VERSION, api_type="Form Recognizer", **kwargs):
        super().__init__(api_key, endpoint, api_version=api_version, api_type=api_type, **kwargs)


class CustomConnection(_Connection):
    TYPE = "Custom"

    def __init__(self, secrets=None, configs=None, **kwargs):
        super().__init__(secrets=secrets, configs=configs, **kwargs)

    def __getattr__(self, item):
        for values in ("secrets", "configs"):
            found = self.__dict__.get(values, {})
            if item in found:
                return found[item]
        raise AttributeError("connection %r has no %r" % (self.__dict__.get("name"), item))

    def is_secret(self, item):
        return item in self.secrets


class CustomStrongTypeConnection(_Connection):
    """The base of a flow's own connection classes: annotated names are settings, those of type Secret are secrets."""

    def __init__(self, secrets=None, configs=None, **kwargs):
        self.kwargs = kwargs
        super().__init__(secrets=secrets, configs=configs, **kwargs)
        self.module = kwargs.get("module", type(self).__module__)
        self.custom_type = kwargs.get("custom_type") or type(self).__name__

    def __getattribute__(self, item):
        # A class attribute with a default would otherwise hide the value that was given.
        kind = type(self).__dict__.get("__annotations__", {}).get(item)
        if kind is None:
            return super().__getattribute__(item)
        values = self.secrets if kind is Secret or kind == "Secret" else self.configs
        return values[item] if item in values else super().__getattribute__(item)

    def __setattr__(self, key, value):
        kind = type(self).__dict__.get("__annotations__", {}).get(key)
        if kind is None:
            super().__setattr__(key, value)
        elif kind is Secret or kind == "Secret":
            self.secrets[key] = value
        else:
            self.configs[key] = value


def _environment(cls, *names):
    values = [os.environ.get(name) for name in names]
    if None in values:
        raise RequiredEnvironmentVariablesNotSetError(env_vars=names, cls_name=cls.__name__)
    return values
