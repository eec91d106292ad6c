"""Runs requests: plain functions on threads, coroutines on one event loop, answers in whatever order they end."""

import inspect
import queue
import threading
from collections.abc import AsyncIterator, Iterator

from .capture import Printed, current_call, running_calls
from .failures import LoadFailure, message_of, traceback_of
from .pieces import Pieces, collected, collected_async
from .session import Session
from .values import encode, json_text

THREAD_LIMIT = 16


class Calls:
    def __init__(self, channel, loader):
        self._channel = channel
        self._loader = loader
        self._session = Session()
        self._queue = queue.SimpleQueue()
        self._counting = threading.Lock()
        self._threads = self._idle = self._waiting = 0
        self._loop = None

    def accept(self, request):
        """Takes one request, from the reading thread only; never waits for it."""
        if "end" in request:
            self._session = Session()
            return
        request["session"] = self._session
        with self._counting:
            self._waiting += 1
            starts = self._waiting > self._idle and self._threads < THREAD_LIMIT
            if starts:
                self._threads += 1
                self._idle += 1
        if starts:
            threading.Thread(target=self._serve, daemon=True, name="pawang-tool").start()
        self._queue.put(request)

    def _serve(self):
        while True:
            request = self._queue.get()
            with self._counting:
                self._idle -= 1
                self._waiting -= 1
            self._run(request)
            del request
            with self._counting:
                self._idle += 1

    def _run(self, request):
        printed = Printed()
        running_calls.add(printed)
        token = current_call.set(printed)
        finished = True
        try:
            key = tuple(request["tool"])
            tool = self._loader.tool(key)
            if "signature" in request:
                self._channel.send('{"id":%d,"signature":%s}' % (request["id"], tool.described()))
                return
            session = request["session"]
            arguments = session.decode_arguments(request["arguments"], request["special"])
            function, arguments = tool.prepared(arguments, request.get("connections", {}), self._loader)
            if tool.kind == "entryAggregate":
                arguments = dict(zip(tool.parameters, arguments.values()))
            if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
                self._started(self._run_async(request, tool, function, arguments, printed))
                finished = False
                return
            output = function(**arguments)
            if inspect.isawaitable(output):
                output = self._started(_awaited(output, printed)).result()
            if isinstance(output, Iterator) and not isinstance(output, Pieces):
                output = collected(output)
            elif isinstance(output, AsyncIterator):
                output = self._started(_collected(output, printed)).result()
            self._answer(request, tool, output, printed)
        except BaseException as problem:
            self._fail(request, problem)
        finally:
            current_call.reset(token)
            if finished:
                running_calls.discard(printed)

    async def _run_async(self, request, tool, function, arguments, printed):
        current_call.set(printed)
        try:
            output = function(**arguments)
            if inspect.isawaitable(output):
                output = await output
            if isinstance(output, AsyncIterator):
                output = await collected_async(output)
            elif isinstance(output, Iterator) and not isinstance(output, Pieces):
                output = collected(output)
            self._answer(request, tool, output, printed)
        except BaseException as problem:
            self._fail(request, problem)
        finally:
            running_calls.discard(printed)

    def _answer(self, request, tool, output, printed):
        pieces = ""
        session = request["session"]
        if isinstance(output, Pieces):
            pieces = ',"pieces":[%s]' % ",".join(output.texts())
            text = encode(session.keep(output, "(TypeError) Object of type generator is not JSON serializable"))
        elif output is None or output is True or output is False:
            text = "null" if output is None else "true" if output else "false"
        else:
            if tool.kind == "entry":
                output = flow_output(output)
            text = session.encode_output(output)
            if tool.kind == "entryAggregate" and isinstance(output, dict):
                printed.metrics.update((str(name), value) for name, value in output.items())
        metrics = ',"metrics":%s' % metrics_text(printed.metrics) if printed.metrics else ""
        log = printed.text()
        log = ',"log":%s' % encode(log) if log else ""
        self._channel.send('{"id":%d,"output":%s%s%s%s}' % (request["id"], text, pieces, metrics, log))

    def _fail(self, request, problem):
        if isinstance(problem, LoadFailure):
            kind, message, cause = "load", str(problem), problem.__cause__
        else:
            kind, message, cause = "raised", message_of(problem), problem
        failure = {"kind": kind, "message": message, "traceback": traceback_of(cause) if cause is not None else ""}
        self._channel.send('{"id":%d,"error":%s}' % (request["id"], encode(failure)))

    def _started(self, coroutine):
        """Starts a coroutine on the event loop, which is made when the first one comes: it is slow to load."""
        import asyncio

        with self._counting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, daemon=True, name="pawang-loop").start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)


async def _awaited(awaitable, printed):
    current_call.set(printed)
    return await awaitable


async def _collected(iterator, printed):
    current_call.set(printed)
    return await collected_async(iterator)


def flow_output(value):
    """A flex flow's output: data classes become objects, and generators inside an object become their text."""
    if hasattr(type(value), "__dataclass_fields__"):
        value = {name: flow_output(getattr(value, name)) for name in type(value).__dataclass_fields__}
    if isinstance(value, dict) and any(isinstance(member, Iterator) for member in value.values()):
        return {
            key: "".join(str(piece) for piece in member) if isinstance(member, Iterator) else member
            for key, member in value.items()
        }
    return value


def metrics_text(metrics):
    """The metrics as JSON text; a value that is no JSON is turned into a number, else into text."""
    plain = {}
    for name, value in metrics.items():
        try:
            json_text(value)
        except (TypeError, ValueError, RecursionError):
            try:
                value = float(value)
            except Exception:
                value = str(value)
        plain[name] = value
    return encode(plain)
