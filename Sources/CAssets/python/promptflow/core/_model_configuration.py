"""What a flex flow's class is told about its model."""

from dataclasses import dataclass, field
from typing import Optional

from promptflow.core._errors import InvalidConnectionError


class ModelConfiguration:
    """The base of model configurations."""


@dataclass
class AzureOpenAIModelConfiguration(ModelConfiguration):
    azure_deployment: str
    azure_endpoint: Optional[str] = None
    api_version: Optional[str] = None
    api_key: Optional[str] = field(default=None, repr=False)
    connection: Optional[str] = None

    def __post_init__(self):
        _require_one_source(self.connection, self.azure_endpoint, self.api_version, self.api_key)

    @classmethod
    def from_connection(cls, connection, azure_deployment):
        return cls(
            azure_deployment=azure_deployment, azure_endpoint=connection.api_base,
            api_version=connection.api_version, api_key=connection.api_key)


@dataclass
class OpenAIModelConfiguration(ModelConfiguration):
    model: str
    base_url: Optional[str] = None
    api_key: Optional[str] = field(default=None, repr=False)
    organization: Optional[str] = None
    connection: Optional[str] = None

    def __post_init__(self):
        _require_one_source(self.connection, self.base_url, self.organization, self.api_key)

    @classmethod
    def from_connection(cls, connection, model):
        return cls(
            model=model, base_url=connection.base_url, api_key=connection.api_key,
            organization=connection.organization)


def _require_one_source(connection, *values):
    if connection and any(values):
        raise InvalidConnectionError("give a model configuration either a connection or the values it would bring")
