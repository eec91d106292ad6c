#!/usr/bin/env python3
"""Writes the recorded replies of the templates `basic` and `chat`.

The replies were written by hand. Each is stored under the digest of the request that Pawang's llm node makes of the
template's prompt, so this script renders the prompts the same way. Needs jinja2.
"""
import hashlib
import json
import pathlib
import re

import jinja2

HERE = pathlib.Path(__file__).resolve().parent
ENGINE = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True)
ROLE = re.compile(r"(?im)^[ \t]*#?[ \t]*(system|user|assistant)[ \t]*:[ \t]*\n")
RECORDED_AT = "2026-11-22T00:00:00Z"


def messages(template, values):
  parts = ROLE.split(ENGINE.from_string(template.read_text(encoding="utf-8")).render(**values))
  return [{"role": role, "content": text.strip()} for role, text in zip(parts[1::2], parts[2::2])]


def recording(template, values, reply, max_tokens):
  body = {
    "model": "example-model", "messages": messages(template, values), "temperature": 0.0, "top_p": 1.0, "n": 1,
    "max_tokens": max_tokens,
  }
  request = {"operation": "chat", "body": body}
  canonical = json.dumps(request, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
  # Four bytes a token: close enough for an example.
  usage = {
    "prompt_tokens": sum(len(message["content"]) for message in body["messages"]) // 4,
    "completion_tokens": max(1, len(reply) // 4),
  }
  usage["total_tokens"] = sum(usage.values())
  return {
    "key": "sha256:" + hashlib.sha256(canonical.encode()).hexdigest(), "request": request,
    "response": {
      "id": "example", "object": "chat.completion", "created": 0, "model": "example-model",
      "choices": [{"index": 0, "message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}],
      "usage": usage,
    },
    "meta": {"model": "example-model", "recorded_at": RECORDED_AT, "provider": "example", "latency_ms": 0},
  }


def write(template, recordings):
  path = HERE / template / "recordings" / "replies.jsonl"
  path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in recordings), encoding="utf-8")
  print(f"{path.relative_to(HERE)}: {len(recordings)} recordings")


def rows(path):
  return [json.loads(line) for line in (HERE / path).read_text(encoding="utf-8").splitlines()]


def basic():
  # The short prompt does not say what belongs to which team, and so gets four messages wrong.
  wrong_when_short = {4: "technical", 6: "technical", 9: "other", 11: "billing"}
  for variant in ("short", "described"):
    for index, row in enumerate(rows("basic/datasets/messages.jsonl")):
      team = wrong_when_short.get(index, row["team"]) if variant == "short" else row["team"]
      reply = json.dumps({"team": team, "urgent": row["urgent"]})
      if variant == "short" and index % 5 == 0:
        reply = f"```json\n{reply}\n```"
      template = HERE / f"basic/flows/classify/{variant}.jinja2"
      yield recording(template, {"text": row["text"]}, reply, max_tokens=60)


def chat():
  replies = {
    "friendly": [
      "Good to hear from you! We open at 9 in the morning.", "On Saturdays we are here until 14. See you soon!",
      "A card costs 10 a year, and it is free for everybody below 18.",
      "How nice that she reads! For your daughter the card is free.", "You may keep a book for 28 days. Enjoy reading!",
      "I am sorry, we are closed on Sundays, but we would love to see you on any other day.",
    ],
    "brief": [
      "At 9.", "Until 14 on Saturdays.", "10 a year, free below 18.", "Free, since she is below 18.", "28 days.",
      "No, we are closed on Sundays.",
    ],
  }
  for variant, answers in replies.items():
    for row, reply in zip(rows("chat/datasets/conversations.jsonl"), answers, strict=True):
      values = {"question": row["question"], "chat_history": row["chat_history"]}
      yield recording(HERE / f"chat/flows/assistant/{variant}.jinja2", values, reply, max_tokens=120)


if __name__ == "__main__":
  write("basic", list(basic()))
  write("chat", list(chat()))
