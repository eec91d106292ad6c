"""What tools print goes to the call that runs them, up to a limit; the rest goes to the worker's error output."""

import contextvars
import io
import sys

LIMIT = 64 * 1024

current_call = contextvars.ContextVar("pawang_call", default=None)
running_calls = set()


class Printed:
    """The text printed by one call, cut at the limit."""

    __slots__ = ("_pieces", "_room", "_dropped", "metrics")

    def __init__(self):
        self._pieces = []
        self._room = LIMIT
        self._dropped = 0
        self.metrics = {}

    def add(self, text):
        if self._room >= len(text):
            self._pieces.append(text)
            self._room -= len(text)
        else:
            self._pieces.append(text[: self._room])
            self._dropped += len(text) - self._room
            self._room = 0

    def text(self):
        if not self._pieces:
            return ""
        end = "\n… (%d more characters were dropped)\n" % self._dropped if self._dropped else ""
        text = "".join(self._pieces) + end
        encoded = text.encode("utf-8", "replace")
        return text if len(encoded) <= LIMIT else encoded[:LIMIT].decode("utf-8", "ignore") + end


def call_here():
    """The call of this thread or task; a thread that a tool started belongs to the only running call, if it is one."""
    call = current_call.get()
    if call is None and len(running_calls) == 1:
        try:
            return next(iter(running_calls))
        except (StopIteration, RuntimeError):
            return None
    return call


class Router(io.TextIOBase):
    """Stands in for `sys.stdout` and `sys.stderr`."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, fallback):
        self._fallback = fallback

    @property
    def buffer(self):
        return self._fallback.buffer

    def writable(self):
        return True

    def isatty(self):
        return False

    def fileno(self):
        return self._fallback.fileno()

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        call = call_here()
        if call is None:
            return self._fallback.write(text)
        call.add(text)
        return len(text)

    def flush(self):
        self._fallback.flush()


def install_capture():
    sys.stdout = Router(sys.__stdout__)
    sys.stderr = Router(sys.__stderr__)


def record_metric(name, value):
    call = call_here()
    if call is not None:
        call.metrics[str(name)] = value
