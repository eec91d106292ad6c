"""Image values: `{"data:image/png;base64": …}`, `;path` and `;url`."""

import re

KEY = re.compile(r"^data:image/(.*);(path|base64|url)$")


def is_image(value):
    """Whether a dictionary is an image value: one member whose key names a media type and a kind of source."""
    if len(value) != 1:
        return False
    key = next(iter(value))
    return isinstance(key, str) and KEY.match(key) is not None
