"""Python values as JSON text: what `json` accepts, plus images; anything else is named, not converted."""

import json

DEPTH_LIMIT = 400
PLAIN = (str, int, float, bool, type(None))


def _default(value):
    kind = type(value)
    if hasattr(value, "to_base64") and hasattr(value, "_mime_type"):
        address = getattr(value, "source_url", None)
        if address:
            return {"data:%s;url" % value._mime_type: address}
        return {"data:%s;base64" % value._mime_type: value.to_base64()}
    if kind.__name__ == "AssistantDefinition" and hasattr(value, "serialize"):
        return value.serialize()
    raise TypeError("Object of type %s is not JSON serializable" % kind.__name__)


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_default)
encode = _encoder.encode


def json_text(value):
    """The value as JSON text. Raises TypeError, ValueError or RecursionError where there is none."""
    if isinstance(value, (dict, list, tuple)) and _depth_exceeds(value, DEPTH_LIMIT):
        raise ValueError("nested deeper than %d levels" % DEPTH_LIMIT)
    return encode(value)


def _depth_exceeds(value, limit):
    if limit == 0:
        return True
    for member in value.values() if isinstance(value, dict) else value:
        if type(member) in PLAIN:
            continue
        if isinstance(member, (dict, list, tuple)) and _depth_exceeds(member, limit - 1):
            return True
    return False


def survives_json(value):
    """Whether reading the JSON text back gives an equal value of the same types: no tuples, no keys but strings."""
    kind = type(value)
    if kind in PLAIN:
        return True
    if kind is list:
        return all(type(member) in PLAIN or survives_json(member) for member in value)
    if kind is dict:
        return all(type(key) is str for key in value) and all(
            type(member) in PLAIN or survives_json(member) for member in value.values()
        )
    return False


def shown(value, limit=2000):
    """The value's `repr`, bounded; a `repr` that fails is described."""
    try:
        text = repr(value)
    except Exception as problem:
        text = "<%s whose repr raised %s>" % (type(value).__name__, type(problem).__name__)
    return text if len(text) <= limit else text[:limit] + "…"
