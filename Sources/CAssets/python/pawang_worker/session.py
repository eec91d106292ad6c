"""What one line of a flow keeps in the worker between its calls: objects that are no JSON, by handle."""

import itertools
import re

from .failures import LoadFailure
from .images import is_image
from .values import encode, json_text, shown, survives_json

HANDLE = "$pawang.handle"
_numbers = itertools.count(1)
_PATH = re.compile(r"(\w+)|(\['.*?'\])|(\[\d+\])")


class Session:
    def __init__(self):
        self._objects = {}
        self._recalled = {}

    def encode_output(self, value):
        """The output as JSON text; what is no JSON is kept here and named by a handle."""
        try:
            text = json_text(value)
        except (TypeError, ValueError, RecursionError) as problem:
            return encode(self.keep(value, "(%s) %s" % (type(problem).__name__, problem)))
        # A tuple, or keys that are no strings: an argument with just this text gets the object itself again.
        if isinstance(value, (dict, list, tuple)) and len(value) > 0 and not survives_json(value):
            self._recalled[text] = value
        return text

    def keep(self, value, reason):
        name = "h%d" % next(_numbers)
        self._objects[name] = value
        return {HANDLE: name, "repr": shown(value), "type": type(value).__name__, "error": reason}

    def decode_arguments(self, arguments, special):
        """Puts objects in the place of handles, and image objects in the place of image values."""
        if special:
            arguments = {name: self._revived(value) for name, value in arguments.items()}
        if self._recalled:
            for name, value in arguments.items():
                if type(value) in (dict, list) and value:
                    try:
                        arguments[name] = self._recalled.get(encode(value), value)
                    except (TypeError, ValueError, RecursionError):
                        continue
        return arguments

    def _revived(self, value):
        if type(value) is list:
            return [self._revived(member) for member in value]
        if type(value) is not dict:
            return value
        if HANDLE in value:
            return self._object(value)
        if is_image(value):
            from .image_loading import image_from

            return image_from(value)
        return {key: self._revived(member) for key, member in value.items()}

    def _object(self, handle):
        name = handle[HANDLE]
        if name not in self._objects:
            raise LoadFailure(
                "the Python object %s belongs to another line and is gone; a node whose output is used beyond its line,"
                " as by an aggregation node, has to return JSON values" % handle.get("repr", name)
            )
        value = self._objects[name]
        for step in steps(handle.get("path", [])):
            value = member_of(value, step)
        return value


def steps(path):
    """The steps of a reference such as `answer.items['a b'][0]`, or of a list of steps."""
    if not isinstance(path, str):
        return path
    found = []
    for word, quoted, place in _PATH.findall(path):
        found.append(word if word else quoted[2:-2] if quoted else int(place[1:-1]))
    return found


def member_of(value, step):
    """A member as references find it: by index or key where the value has any, else by attribute."""
    if isinstance(step, int) or isinstance(value, dict):
        return value[step]
    return getattr(value, step)
