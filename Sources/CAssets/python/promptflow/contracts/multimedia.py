"""Images and texts as tools see them."""

import base64
import hashlib

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


def _media_type(content):
    for start, name in _SIGNATURES:
        if content.startswith(start):
            return name
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "image/*"


class PFBytes(bytes):
    def __new__(cls, value, *args, **kwargs):
        return super().__new__(cls, value)

    def __init__(self, value, mime_type, source_url=None):
        super().__init__()
        self._hash = hashlib.sha1(value).hexdigest()[:8]
        self._mime_type = mime_type.lower()
        self._source_url = source_url

    @property
    def source_url(self):
        return self._source_url

    def to_base64(self, with_type=False):
        text = base64.b64encode(self).decode("ascii")
        return "data:%s;base64,%s" % (self._mime_type, text) if with_type else text


class Image(PFBytes):
    def __init__(self, value, mime_type=None, source_url=None):
        super().__init__(value, mime_type or _media_type(value), source_url)

    def __repr__(self):
        return "Image(%s)" % self._hash

    __str__ = __repr__

    def serialize(self, encoder=None):
        return str(self) if encoder is None else encoder(self)


class Text(str):
    def __new__(cls, value, annotations=None):
        text = str.__new__(cls, value)
        text._annotations = annotations
        return text

    @classmethod
    def deserialize(cls, data):
        text = data.get("text", "")
        if isinstance(text, dict):
            return cls(text.get("value", ""), text.get("annotations", []))
        return cls(text)

    def serialize(self):
        if self._annotations is None:
            return {"type": "text", "text": self}
        return {"type": "text", "text": {"value": self, "annotations": self._annotations}}
