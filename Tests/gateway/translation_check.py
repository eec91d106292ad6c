"""Shows the recorded translations to the official SDKs of OpenAI and Anthropic.

Every recorded request, answer and stream event is validated with the SDKs' own types. Every recorded stream that is
complete is served on the loopback and read twice: as it came from the upstream by the upstream's SDK, and translated by
the client's SDK; both must end with the same text, tool calls, reasoning, finish reason and usage.

    python Tests/gateway/translation_check.py        # needs `pip install openai anthropic`

The files are `Tests/GatewayTests/Data/translation/*.jsonl`; `RecordedTranslationTests` keeps them true.
"""

import http.server
import json
import pathlib
import sys
import threading

import anthropic
import openai
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming, MessageCreateParamsStreaming
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming, CompletionCreateParamsStreaming
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter, ValidationError

DATA = pathlib.Path(__file__).resolve().parent.parent / "GatewayTests" / "Data" / "translation"
PROBLEMS = []

REQUESTS = {
    ("messages", False): MessageCreateParamsNonStreaming,
    ("messages", True): MessageCreateParamsStreaming,
    ("chat", False): CompletionCreateParamsNonStreaming,
    ("chat", True): CompletionCreateParamsStreaming,
}
ANSWERS = {"chat": ChatCompletion, "messages": Message, "responses": Response}
EVENTS = {"chat": ChatCompletionChunk, "messages": RawMessageStreamEvent, "responses": ResponseStreamEvent}
FINISH = {
    "stop": "end", "end_turn": "end", "stop_sequence": "end", "pause_turn": "end", "completed": "end",
    "length": "length", "max_tokens": "length", "model_context_window_exceeded": "length", "max_output_tokens": "length",
    "tool_calls": "tools", "tool_use": "tools", "content_filter": "filter", "refusal": "filter",
}


def cases(name):
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text().splitlines()]


def report(case, problem):
    PROBLEMS.append(f"{case['name']}: {problem}")


def validate(case, kind, value):
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        report(case, error)


def materialise(value):
    """Pydantic validates iterables lazily; a second pass over JSON text does not."""
    return json.loads(json.dumps(value))


def check_requests():
    count = 0
    for case in cases("requests"):
        if "out" not in case:
            continue
        count += 1
        kind = REQUESTS[case["operation"], case["out"].get("stream", False)]
        adapter = TypeAdapter(kind)
        try:
            checked = adapter.validate_python(materialise(case["out"]))
            for key in ("messages", "tools", "system"):
                if not isinstance(checked.get(key), str):
                    list(checked.get(key) or [])
        except ValidationError as error:
            report(case, error)
    return count


def check_answers():
    count = 0
    for case in cases("answers"):
        if "out" in case:
            count += 1
            validate(case, ANSWERS[case["to"]], case["out"])
    return count


def events(body):
    for block in body.replace("\r\n", "\n").split("\n\n"):
        data = [line[5:].lstrip(" ") for line in block.split("\n") if line.startswith("data")]
        name = [line[6:].strip() for line in block.split("\n") if line.startswith("event:")]
        if data and data[0] != "[DONE]":
            value = json.loads("\n".join(data))
            yield (name[0] if name else None), value


class Server(http.server.BaseHTTPRequestHandler):
    """Answers every call with the body that is set."""

    body = b""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("content-length", str(len(Server.body)))
        self.end_headers()
        self.wfile.write(Server.body)

    def log_message(self, *arguments):
        pass


class Clients:
    def __init__(self, port):
        self.openai = openai.OpenAI(api_key="none", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0)
        self.anthropic = anthropic.Anthropic(api_key="none", base_url=f"http://127.0.0.1:{port}", max_retries=0)

    def read(self, dialect, body):
        """What the SDK makes of a stream: text, tools, reasoning, finish reason and usage."""
        Server.body = body.encode()
        return getattr(self, dialect)()

    def chat(self):
        with self.openai.chat.completions.stream(model="m", messages=[{"role": "user", "content": "a"}]) as stream:
            try:
                for _ in stream:
                    pass
            except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError):
                pass
            # Not the final one: the helper raises for answers that are cut off or filtered.
            final = stream.current_completion_snapshot
        message = final.choices[0].message
        extra = message.model_extra or {}
        return {
            "text": (message.content or "") + (message.refusal or ""),
            "tools": [(call.function.name, json.loads(call.function.arguments or "{}"))
                      for call in message.tool_calls or []],
            "reasoning": extra.get("reasoning_content") or extra.get("reasoning") or "",
            "signatures": [block.get("signature") or block.get("data") for block in extra.get("pawang_thinking") or []],
            "finish": FINISH.get(final.choices[0].finish_reason, "end"),
            "usage": final.usage and (final.usage.prompt_tokens, final.usage.completion_tokens),
        }

    def messages(self):
        with self.anthropic.messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "a"}]
        ) as stream:
            for _ in stream:
                pass
            final = stream.get_final_message()
        thinking = [block for block in final.content if block.type in ("thinking", "redacted_thinking")]
        usage = final.usage
        details = getattr(final, "stop_details", None)
        return {
            "text": "".join(block.text for block in final.content if block.type == "text")
            + ((details and details.explanation) or ""),
            "tools": [(block.name, block.input) for block in final.content if block.type == "tool_use"],
            "reasoning": "".join(block.thinking for block in thinking if block.type == "thinking"),
            "signatures": [block.signature if block.type == "thinking" else block.data for block in thinking],
            "finish": FINISH[final.stop_reason],
            "usage": (
                usage.input_tokens + (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0),
                usage.output_tokens),
        }

    def responses(self):
        final = None
        with self.openai.responses.stream(model="m", input="a") as stream:
            for event in stream:
                if event.type in ("response.completed", "response.incomplete"):
                    final = event.response
        text, tools, reasoning, signatures = "", [], "", []
        for item in final.output:
            if item.type == "message":
                text += "".join(getattr(part, "text", None) or getattr(part, "refusal", "") for part in item.content)
            elif item.type == "function_call":
                tools.append((item.name, json.loads(item.arguments)))
            elif item.type == "reasoning":
                reasoning += "".join(part.text for part in item.summary)
                if item.encrypted_content:
                    blocks = json.loads(item.encrypted_content.removeprefix("pawang_thinking:"))
                    signatures += [block.get("signature") or block.get("data") for block in blocks]
        reason = final.incomplete_details.reason if final.incomplete_details else final.status
        return {
            "text": text, "tools": tools, "reasoning": reasoning, "signatures": signatures,
            "finish": "tools" if tools and reason == "completed" else FINISH[reason],
            "usage": final.usage and (final.usage.input_tokens, final.usage.output_tokens),
        }


def check_streams(clients):
    checked, compared = 0, 0
    for case in cases("streams"):
        last = 0
        for name, event in events(case["out"]):
            checked += 1
            validate(case, EVENTS[case["to"]], event)
            if case["to"] != "chat" and name != event["type"]:
                report(case, f"event `{name}` holds `{event['type']}`")
            if case["to"] == "responses":
                if event["sequence_number"] != last:
                    report(case, f"sequence number {event['sequence_number']} instead of {last}")
                last += 1
        if "error" in case:
            continue
        compared += 1
        try:
            compare(case, clients.read(case["from"], complete(case)), clients.read(case["to"], case["out"]))
        except Exception as error:  # noqa: BLE001: whatever an SDK raises is a finding
            report(case, f"{type(error).__name__}: {error}")
    return checked, compared


def complete(case):
    """The upstream's own stream, as its SDK needs it: with the last event, and without what only other servers send."""
    body = case["in"].replace("\ufeff", "")
    chunks = [event for _, event in events(body)]
    if case["from"] == "messages":
        if chunks[-1]["type"] != "message_stop":
            body += 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
        return body
    for chunk in chunks:
        chunk["choices"] = [choice for choice in chunk["choices"] if choice["index"] == 0]
        chunk.setdefault("object", "chat.completion.chunk")
    number, known = -1, None
    for chunk in chunks:
        for call in (chunk["choices"] or [{}])[0].get("delta", {}).get("tool_calls", []):
            # Servers that number every call 0: the SDK cannot read them, the translation can.
            if call.get("id") and call["id"] != known and case["name"].startswith("calls all"):
                known, number = call["id"], number + 1
                call["index"] = number
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks if chunk.get("id")) + "data: [DONE]\n\n"


def compare(case, sent, seen):
    if case["from"] == "chat":
        # No signatures come from there; a refusal in words is Anthropic's `refusal`.
        seen["signatures"] = []
        if "refusal" in case["name"] and seen["finish"] == "filter":
            sent["finish"] = "filter"
        if sent["tools"] and sent["finish"] == "end":
            sent["finish"] = "tools"
    if case["to"] == "responses" and sent["finish"] == "filter":
        # A refusal's explanation has no place in a response.
        sent["text"] = seen["text"]
    for key, value in sent.items():
        if key == "usage" and (value is None or seen[key] is None):
            continue
        if seen[key] != value:
            report(case, f"{key}: the upstream sent {value!r}, the client sees {seen[key]!r}")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    requests = check_requests()
    answers = check_answers()
    events, compared = check_streams(Clients(server.server_address[1]))
    server.shutdown()
    for problem in PROBLEMS:
        print(problem)
    print(
        f"{requests} requests, {answers} answers, {events} stream events valid; {compared} streams read by both SDKs; "
        f"{len(PROBLEMS)} problems (openai {openai.__version__}, anthropic {anthropic.__version__})")
    checked = requests + answers + compared
    failed = min(len(PROBLEMS), checked)
    print(f"{checked - failed} passed, {failed or (1 if PROBLEMS else 0)} failed")
    return 1 if PROBLEMS else 0


if __name__ == "__main__":
    sys.exit(main())
