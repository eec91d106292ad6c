"""Image objects from image values. Imported only when a call has one: what reads addresses is slow to load."""

import base64
import binascii
import ipaddress
import socket
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from .failures import LoadFailure
from .images import KEY

_SECONDS = 30
_LIMIT = 20 * 1024 * 1024


def image_from(value):
    from promptflow.contracts.multimedia import Image

    (key, source), = value.items()
    media, kind = KEY.match(key).groups()
    if not isinstance(source, str):
        raise LoadFailure("the image %s has to be a string, not %s" % (key, type(source).__name__))
    media = "image/" + media
    if kind == "path":
        try:
            with open(source, "rb") as file:
                return Image(file.read(), mime_type=media)
        except OSError as problem:
            raise LoadFailure("cannot read the image %s: %s" % (source, problem.strerror)) from None
    if kind == "base64":
        try:
            return Image(base64.b64decode(source.split(",")[-1], validate=True), mime_type=media)
        except binascii.Error as problem:
            raise LoadFailure("the image is not valid base64: %s" % problem) from None
    return Image(_fetched(source), mime_type=media, source_url=source)


def _fetched(address):
    _require_public(address)
    try:
        with build_opener(_CheckedRedirects).open(Request(address), timeout=_SECONDS) as reply:
            content = reply.read(_LIMIT + 1)
    except OSError as problem:
        raise LoadFailure("cannot fetch the image %s: %s" % (address, problem)) from None
    if len(content) > _LIMIT:
        raise LoadFailure("the image %s is larger than %d bytes" % (address, _LIMIT))
    return content


class _CheckedRedirects(HTTPRedirectHandler):
    def redirect_request(self, request, reply, code, message, headers, address):
        _require_public(address)
        return super().redirect_request(request, reply, code, message, headers, address)


def _require_public(address):
    """Refuses addresses inside the own network: a dataset must not make the worker ask there."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LoadFailure("the image address %s is not http or https" % address)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as problem:
        raise LoadFailure("cannot find the host of the image %s: %s" % (address, problem)) from None
    for entry in found:
        if not ipaddress.ip_address(entry[4][0].split("%")[0]).is_global:
            raise LoadFailure("the image address %s leads into a private network" % address)
