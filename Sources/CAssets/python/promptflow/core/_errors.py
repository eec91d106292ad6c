from promptflow.exceptions import UserErrorException, ValidationException


class CoreError(UserErrorException):
    """Something that was asked of the core is not possible."""


class InvalidConnectionError(ValidationException):
    """A connection and the values it would bring were both given."""


class RequiredEnvironmentVariablesNotSetError(CoreError):
    """A connection was to be read from the environment, which does not hold it."""

    def __init__(self, env_vars, cls_name):
        super().__init__("%s needs the environment variables %s" % (cls_name, ", ".join(env_vars)))
