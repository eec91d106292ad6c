#!/usr/bin/env python3
"""A model for tests: speaks OpenAI's API on loopback, remembers what it was asked, and fails on request.

    mock_model.py FOLDER     prints its port, serves until standard input ends

The first part of every path is the name of a case, so that cases that run at the same time stay apart:

    /NAME/v1/chat/completions, /NAME/v1/completions, /NAME/v1/embeddings, and Azure's paths
    /NAME/page, /NAME/text, /NAME/echo      for `http` nodes

Every request to the model becomes a line of FOLDER/NAME.requests.jsonl. If there is FOLDER/NAME.script.json, a JSON list
of replies, it is taken in and removed, and the next requests get one reply each. Without a script a chat answers `MOCK:`
and the last user text, with 10 tokens in and 5 out. A reply has any of

    text, tool_calls, message   what the answer holds
    usage                       its token counts
    status, headers, body       an answer of one's own; the body is sent as it is
    delay                       seconds before the answer
    claim                       bytes that the answer's length lies by
    cut                         the answer ends after this many bytes
    forever                     it stays the reply for all further requests
"""
import http.server
import json
import os
import re
import sys
import threading
import time


class Case:
    def __init__(self, name):
        self.script_path = os.path.join(FOLDER, name + ".script.json")
        self.requests_path = os.path.join(FOLDER, name + ".requests.jsonl")
        self.script = []

    def reply(self, body):
        """The next reply, with the request kept."""
        with open(self.requests_path, "a", encoding="utf-8") as file:
            file.write(json.dumps(body) + "\n")
        if os.path.exists(self.script_path):
            with open(self.script_path, encoding="utf-8") as file:
                self.script = json.load(file)
            os.remove(self.script_path)
        if not self.script:
            return {}
        return self.script[0] if self.script[0].get("forever") else self.script.pop(0)


FOLDER = sys.argv[1] if len(sys.argv) > 1 else "."
CASES = {}
LOCK = threading.Lock()
VOCABULARY = ["bread", "oven", "flour", "train", "station", "ticket", "rain", "cloud", "umbrella"]


def user_text(body):
    if "prompt" in body:
        return body["prompt"]
    for message in reversed(body.get("messages", [])):
        if message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, list):
                return " ".join(part.get("text", "[image]") for part in content)
            return content
    return ""


def vector(text):
    """A direction of meaning: how often the words of each subject stand in the text."""
    counts = [len(re.findall(word, text.lower())) for word in VOCABULARY]
    subjects = [sum(counts[0:3]), sum(counts[3:6]), sum(counts[6:9])]
    return [float(count) for count in subjects] + [0.1]


def completion(path, body, reply):
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    usage.update(reply.get("usage", {}))
    answer = {"id": "mock", "created": 0, "model": body.get("model") or "mock-model", "usage": usage}
    if path.endswith("/embeddings"):
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [{"object": "embedding", "index": index, "embedding": vector(text)} for index, text in enumerate(texts)]
        return dict(answer, object="list", data=data)
    text = reply.get("text", "MOCK:" + user_text(body))
    if path.endswith("/chat/completions"):
        message = reply.get("message") or {"role": "assistant", "content": text}
        finish = "stop"
        if "tool_calls" in reply:
            message, finish = {"role": "assistant", "content": None, "tool_calls": reply["tool_calls"]}, "tool_calls"
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return dict(answer, object="chat.completion", choices=[choice])
    return dict(answer, object="text_completion", choices=[{"index": 0, "text": text, "finish_reason": "stop"}])


def events(answer):
    """The answer as a stream: a piece for every word, then the usage."""
    shared = {key: answer[key] for key in ("id", "created", "model")}
    shared["object"] = "chat.completion.chunk"
    message = answer["choices"][0]["message"]
    pieces = [{"role": "assistant", "content": ""}]
    pieces += [{"content": piece} for piece in re.findall(r"\S+\s*", message.get("content") or "")]
    chunks = [dict(shared, choices=[{"index": 0, "delta": piece, "finish_reason": None}]) for piece in pieces]
    chunks.append(dict(shared, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    chunks.append(dict(shared, choices=[], usage=answer["usage"]))
    return "".join("data: %s\n\n" % json.dumps(chunk) for chunk in chunks) + "data: [DONE]\n\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def case(self):
        name, _, rest = self.path.lstrip("/").partition("/")
        with LOCK:
            return CASES.setdefault(name, Case(name)), "/" + rest.partition("?")[0]

    def do_GET(self):
        case, path = self.case()
        if path == "/page":
            self.answer({"path": path, "agent": self.headers.get("x-agent")})
        elif path == "/text":
            self.send(200, {"content-type": "text/plain"}, "plain words".encode())
        else:
            self.send(404, {"content-type": "application/json"}, b'{"error": {"message": "no such page"}}')

    def do_POST(self):
        case, path = self.case()
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        if path == "/echo":
            self.answer({"got": json.loads(content), "type": self.headers.get("content-type")})
            return
        body = json.loads(content)
        with LOCK:
            reply = case.reply(body)
        if "delay" in reply:
            time.sleep(reply["delay"])
        headers = {"content-type": "application/json"}
        if "status" in reply or "body" in reply:
            text = reply.get("body", '{"error": {"message": "the mock was told to fail"}}')
        else:
            answer = completion(path, body, reply)
            text = json.dumps(answer)
            if body.get("stream"):
                headers["content-type"] = "text/event-stream"
                text = events(answer)
        headers.update(reply.get("headers", {}))
        self.send(reply.get("status", 200), headers, text.encode(), reply.get("claim", 0), reply.get("cut"))

    def answer(self, value):
        self.send(200, {"content-type": "application/json"}, json.dumps(value).encode())

    def send(self, status, headers, content, claim=0, cut=None):
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, str(value))
            self.send_header("content-length", str(len(content) + claim))
            self.end_headers()
            self.wfile.write(content if cut is None else content[:cut])
            if claim or cut is not None:
                self.close_connection = True
        except OSError:
            pass  # Who asked has gone away, as in cases with a time limit.


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
