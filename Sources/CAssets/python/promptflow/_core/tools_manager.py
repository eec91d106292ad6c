"""Registration of tools and connections: nothing has to be registered here."""


def register_builtins(cls):
    return cls


def register_apis(cls):
    return cls


def register_connections(connection_classes):
    return connection_classes
