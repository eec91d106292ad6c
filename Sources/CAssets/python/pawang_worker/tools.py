"""Finds and loads tools, and remembers them: by file, by package path, by flex flow entry."""

import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import re
import sys
import threading
from collections import OrderedDict

from .capture import record_metric
from .failures import LoadFailure, message_of
from .packages import package_target
from .tool import Tool, is_tool

INSTANCE_LIMIT = 32


class ToolLoader:
    def __init__(self, directory, root):
        self._directory = directory
        self._root = root
        self._tools = {}
        self._modules = {}
        self._instances = OrderedDict()
        self._loading = threading.RLock()
        self._metrics_reach_us = False

    def tool(self, key):
        """The tool for a key such as `("file", "grade.py", None)`."""
        found = self._tools.get(key)
        if found is None:
            with self._loading:
                found = self._tools.get(key) or self._load(key)
                self._tools[key] = found
                if not self._metrics_reach_us:
                    importlib.import_module("promptflow._core.metric_logger").add_metric_logger(record_metric)
                    self._metrics_reach_us = True
        return found

    def instance(self, key, make):
        """The object for a class and its initialisation values; made once, the least recently used is forgotten."""
        with self._loading:
            if key not in self._instances:
                self._instances[key] = make()
                if len(self._instances) > INSTANCE_LIMIT:
                    self._instances.popitem(last=False)
            self._instances.move_to_end(key)
            return self._instances[key]

    def _load(self, key):
        try:
            return self._load_once(key)
        except LoadFailure as failure:
            missing = _missing_from_promptflow(failure.__cause__)
            if missing is None:
                raise
            if not self._use_real_promptflow():
                raise LoadFailure(
                    "%s; Pawang's own `promptflow` package has no `%s`: install `promptflow` next to the flow's other"
                    " packages to use the real one" % (failure, missing)
                ) from failure.__cause__
            return self._load_once(key)

    def _load_once(self, key):
        kind = key[0]
        if kind == "file":
            return self._from_file(key[1], key[2])
        if kind == "package":
            target, owner = package_target(key[1])
            return Tool(key, target, owner)
        return self._from_entry(key, key[1], aggregates=kind == "entryAggregate")

    def _from_file(self, path, function):
        module = self._module(path)
        key = ("file", path, function)
        if function:
            return Tool(key, *_named(module, function, path))
        marked = [value for _, value in inspect.getmembers(module, is_tool) if value.__module__ == module.__name__]
        found = [(value, None) for value in marked]
        found += [
            (method, owner)
            for _, owner in inspect.getmembers(module, inspect.isclass)
            if owner.__module__ == module.__name__ and _is_provider(owner)
            for _, method in inspect.getmembers(owner, is_tool)
        ]
        if not found:
            raise LoadFailure("%s has no function marked with @tool" % path)
        if len(found) > 1:
            names = ", ".join(value.__qualname__ for value, _ in found)
            raise LoadFailure(
                "%s has %d functions marked with @tool (%s); keep one per file, or name the one in the node's source"
                % (path, len(found), names)
            )
        return Tool(key, *found[0])

    def _module(self, path):
        location = os.path.realpath(os.path.join(self._directory, path))
        if location in self._modules:
            return self._modules[location]
        if not os.path.isfile(location):
            raise LoadFailure("tool file %s does not exist in %s" % (path, self._directory))
        name = "pawang_tool_%d_%s" % (len(self._modules), re.sub(r"\W", "_", os.path.splitext(path)[0]))
        spec = importlib.util.spec_from_file_location(name, location)
        if spec is None or spec.loader is None:
            raise LoadFailure("%s is no Python file" % path)
        module = importlib.util.module_from_spec(spec)
        # Dataclasses with postponed annotations look their module up by name.
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException as problem:
            sys.modules.pop(name, None)
            raise LoadFailure("cannot load %s: %s" % (path, message_of(problem))) from problem
        self._modules[location] = module
        return module

    def _from_entry(self, key, entry, aggregates):
        module_name, separator, name = entry.partition(":")
        if not separator or not module_name or not name:
            raise LoadFailure("the entry `%s` has to be `module:function` or `module:Class`" % entry)
        try:
            module = importlib.import_module(module_name)
        except BaseException as problem:
            text = "cannot load module %s of entry `%s`: %s" % (module_name, entry, message_of(problem))
            raise LoadFailure(text) from problem
        target = getattr(module, name, None)
        if target is None:
            raise LoadFailure("module %s has no `%s`, which the entry names" % (module_name, name))
        if inspect.isclass(target):
            wanted = "__aggregate__" if aggregates else "__call__"
            # Asking the class itself for `__call__` would find what makes its objects.
            if not any(wanted in vars(base) for base in target.__mro__):
                raise LoadFailure("class %s has no method %s" % (name, wanted))
            return Tool(key, getattr(target, wanted), target)
        if aggregates:
            raise LoadFailure("entry `%s` is a function; only a class can have a method __aggregate__" % entry)
        if not inspect.isroutine(target) and not callable(target):
            raise LoadFailure("`%s` of module %s is neither a function nor a class" % (name, module_name))
        return Tool(key, target, None)

    def _use_real_promptflow(self):
        """Changes this worker to the installed `promptflow` for good; false where there is none."""
        paths = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != self._root]
        if len(paths) == len(sys.path) or importlib.machinery.PathFinder.find_spec("promptflow", paths) is None:
            return False
        sys.path[:] = paths
        folder = self._directory + os.sep
        for name, module in list(sys.modules.items()):
            origin = getattr(module, "__file__", None) or ""
            # The flow's own modules hold classes of our package, so they are loaded again as well.
            if name.split(".")[0] == "promptflow" or origin.startswith(folder) and "site-packages" not in origin:
                del sys.modules[name]
        self._tools.clear()
        self._modules.clear()
        self._instances.clear()
        self._metrics_reach_us = False
        importlib.invalidate_caches()
        return True


def _named(module, name, path):
    """A function, or the method of a class as `Class.method` or by its bare name."""
    owner_name, separator, method_name = name.partition(".")
    owner = getattr(module, owner_name, None)
    if separator and inspect.isclass(owner) and callable(getattr(owner, method_name, None)):
        return getattr(owner, method_name), owner
    if not separator and callable(owner) and not inspect.isclass(owner):
        return owner, None
    for _, provider in inspect.getmembers(module, inspect.isclass):
        if provider.__module__ == module.__name__ and _is_provider(provider) and is_tool(getattr(provider, name, None)):
            return getattr(provider, name), provider
    raise LoadFailure("%s has no function `%s`" % (path, name))


def _is_provider(owner):
    return any(
        base.__name__ == "ToolProvider" and base.__module__.startswith("promptflow.") for base in owner.__mro__[1:]
    )


def _missing_from_promptflow(problem):
    """What an import of `promptflow` did not find, or None if it was something else that failed."""
    seen = 0
    while problem is not None and seen < 16:
        if isinstance(problem, ImportError) and (problem.name or "").split(".")[0] == "promptflow":
            name = re.search(r"cannot import name '(\w+)'", str(problem))
            return problem.name + ("." + name.group(1) if name else "")
        problem = problem.__cause__ or problem.__context__
        seen += 1
    return None
