"""How failures are told: a kind, one line for people, and the end of the traceback without our own frames."""

import os
import traceback

MESSAGE_LIMIT = 16 * 1024
TRACEBACK_LIMIT = 4 * 1024
_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


class LoadFailure(Exception):
    """A tool cannot be found, loaded or given its arguments; the text is for people."""


def message_of(problem):
    try:
        text = str(problem)
    except Exception:
        text = "<no text>"
    text = "(%s) %s" % (type(problem).__name__, text)
    return text if len(text) <= MESSAGE_LIMIT else text[:MESSAGE_LIMIT] + "…"


def traceback_of(problem):
    try:
        report = traceback.TracebackException.from_exception(problem)
        _drop_own_frames(report, set())
        text = "".join(report.format())
    except Exception:
        return ""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= TRACEBACK_LIMIT:
        return text
    return "…" + encoded[3 - TRACEBACK_LIMIT :].decode("utf-8", "ignore")


def _drop_own_frames(report, seen):
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    report.stack[:] = [frame for frame in report.stack if not frame.filename.startswith(_OWN)]
    _drop_own_frames(report.__cause__, seen)
    _drop_own_frames(report.__context__, seen)
