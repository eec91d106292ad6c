"""Tools of installed packages: `package.module.function`, `package.module.Class.method`, or a declared id."""

import importlib
import inspect

from .failures import LoadFailure, message_of


def package_target(name):
    """The function, and the class it is a method of or None."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        module_name = ".".join(parts[:length])
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as problem:
            if problem.name and (module_name == problem.name or module_name.startswith(problem.name + ".")):
                missing = problem
                continue
            raise LoadFailure("cannot load module %s: %s" % (module_name, message_of(problem))) from problem
        except BaseException as problem:
            raise LoadFailure("cannot load module %s: %s" % (module_name, message_of(problem))) from problem
        found = _member(module, parts[length:])
        if found:
            return found
        missing = None
        break
    declared = _declared(name)
    if declared:
        return declared
    raise LoadFailure(
        "package tool `%s` is not in this Python environment; install its package there" % name
    ) from missing


def _member(module, names):
    owner, value = None, module
    for name in names:
        owner, value = value, getattr(value, name, None)
        if value is None:
            return None
    if not callable(value) or inspect.isclass(value):
        return None
    return value, owner if inspect.isclass(owner) else None


def _declared(name):
    """A tool that a package lists under its own id, or under an older one, through the entry point `package_tools`."""
    # Slow to load, and rarely needed.
    import importlib.metadata

    points = importlib.metadata.entry_points()
    group = points.select(group="package_tools") if hasattr(points, "select") else points.get("package_tools", [])
    for point in group:
        try:
            tools = point.load()()
        except Exception:
            continue
        for identifier, tool in tools.items():
            if identifier == name or name in tool.get("deprecated_tools", []):
                names = [part for part in (tool.get("class_name"), tool.get("function")) if part]
                return _member(importlib.import_module(tool["module"]), names)
    return None
