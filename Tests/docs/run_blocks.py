#!/usr/bin/env python3
"""Runs every command block of the documents, so that no page can promise what does not work.

A block is a fence marked `sh` (run with `bash -e`) or `console` (each line that begins with `$ ` is run, a command goes
on after a backslash, and the lines below it must be its output; `…` stands for any text, and a line of only `…` for any
lines). The blocks of a page run in order, `cd` carried over, in one fresh folder, with `pawang` on the path and the
repository at $PAWANG_REPO. The folder of README.md has the repository's entries too, as if one stood in a clone; examples/ is a copy.

A block is left out only by a comment right before it, `<!-- not run: reason -->`, and is listed as such.
Links to files that are not there are refused too.
A command that is expected to fail says so itself, for example `pawang gate … || test $? = 1`.
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

FENCE = re.compile(r"^(?P<indent> {0,3})(?P<ticks>`{3,}|~{3,}) *(?P<language>[A-Za-z]*)[^`]*$")
NOT_RUN = re.compile(r"^\s*<!--\s*not run:\s*(?P<reason>.*?)\s*-->\s*$")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
SHELLS = {"sh", "bash", "shell", "console", "shell-session"}
OUTPUT_SHOWN = 2_000


class Block:
  def __init__(self, language, line, text, skipped):
    self.language, self.line, self.text, self.skipped = language, line, text, skipped


def blocks(page):
  """The page's command blocks in order, with the line each begins on."""
  found, comment, opening, body = [], None, None, []
  for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
    if opening:
      if line.strip().startswith(opening["ticks"]) and not line.strip().strip(opening["ticks"][0]):
        if opening["language"] in SHELLS:
          found.append(Block(opening["language"], opening["line"], "\n".join(body) + "\n", opening["comment"]))
        opening = comment = None
      else:
        body.append(line[len(opening["indent"]):] if line.startswith(opening["indent"]) else line)
      continue
    fence, left_out = FENCE.match(line), NOT_RUN.match(line)
    if fence:
      opening = {**fence.groupdict(), "line": number, "comment": comment}
      body = []
    elif left_out:
      comment = left_out["reason"]
    elif line.strip():
      comment = None
  if opening:
    raise SystemExit(f"{page}:{opening['line']}: this block is never closed")
  return found


def broken_links(page):
  """Links of the page to files that are not there, with their lines."""
  is_code = False
  for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
    if FENCE.match(line):
      is_code = not is_code
    if is_code:
      continue
    for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
      if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
        yield number, target


def commands(text):
  """The commands of a console block, each with the output shown below it."""
  found, lines = [], text.splitlines()
  while lines:
    line = lines.pop(0)
    if not line.startswith("$ "):
      raise ValueError(f"a console block begins with `$ `, not with: {line}")
    command = line[2:]
    while command.endswith("\\") and lines:
      following = lines.pop(0)
      command += "\n" + (following[2:] if following.startswith("> ") else following)
    shown = []
    while lines and not lines[0].startswith("$ "):
      shown.append(lines.pop(0))
    found.append((command, shown))
  return found


def matches(shown, printed):
  """Whether what was printed is what is shown, up to spaces at the end of lines."""
  parts = []
  for line in shown:
    line = line.rstrip()
    if line == "…":
      parts.append(r"(?:[^\n]*\n)*?")
    else:
      parts.append(".*?".join(re.escape(piece) for piece in line.split("…")) + r"[ \t]*\n")
  text = "".join(line.rstrip() + "\n" for line in printed.splitlines())
  return re.fullmatch("".join(parts), text) is not None


def run(command, folder, environment, seconds):
  """Runs a command with a bound on its time; its children end with it. The next one begins where it left off."""
  place = folder.parent / "place"
  here = place.read_text().strip() if place.exists() else str(folder)
  command = f"trap 'pwd >{place}' EXIT\n{command}"
  process = subprocess.Popen(
    ["bash", "-e", "-o", "pipefail", "-c", command], cwd=here, env=environment, stdin=subprocess.DEVNULL,
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)
  try:
    output, errors = process.communicate(timeout=seconds)
    return process.returncode, output, errors
  except subprocess.TimeoutExpired:
    os.killpg(process.pid, signal.SIGKILL)
    output, errors = process.communicate()
    return None, output, errors


def check(block, folder, environment, seconds):
  """What is wrong with a block, or None."""
  if block.language in ("console", "shell-session"):
    try:
      pairs = commands(block.text)
    except ValueError as error:
      return str(error)
  else:
    pairs = [(block.text, [])]
  for command, shown in pairs:
    status, output, errors = run(command, folder, environment, seconds)
    tail = (output + errors)[-OUTPUT_SHOWN:]
    if status is None:
      return f"did not end within {seconds} s: {command.strip()}\n{tail}"
    if status != 0:
      return f"exit status {status}: {command.strip()}\n{tail}"
    if shown and not matches(shown, output):
      return f"other output than shown: {command.strip()}\n--- printed\n{output[-OUTPUT_SHOWN:]}"
  return None


def prepare(page, repository, folder, binary):
  """The environment of a page, whose folder is `folder/work`."""
  work, tools = folder / "work", folder / "bin"
  work.mkdir()
  tools.mkdir()
  (tools / "pawang").symlink_to(binary)
  if page == repository / "README.md":
    for entry in repository.iterdir():
      if entry.name == "examples":
        shutil.copytree(entry, work / entry.name, ignore=shutil.ignore_patterns(".pawang", "reports"))
      elif not entry.name.startswith("."):
        (work / entry.name).symlink_to(entry)
  environment = {k: v for k, v in os.environ.items() if not re.search(r"(_API_KEY|_TOKEN|_SECRET)$", k)}
  environment.update(
    PATH=f"{tools}{os.pathsep}{environment.get('PATH', os.defpath)}", PAWANG_REPO=str(repository),
    PAWANG_BINARY=str(binary), PAWANG_QUICKSTART=str(folder / "quickstart"), NO_COLOR="1", LC_ALL="C.UTF-8")
  if "PAWANG_TEST_PYTHON" in environment:
    environment.setdefault("PAWANG_PYTHON", environment["PAWANG_TEST_PYTHON"])
  return work, environment


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--pawang", type=pathlib.Path, required=True, help="the built program")
  parser.add_argument("--repository", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
  parser.add_argument("--seconds", type=float, default=180, help="the most that one command may take")
  parser.add_argument("pages", nargs="*", type=pathlib.Path, help="default: README.md and docs/**/*.md")
  options = parser.parse_args()
  repository, binary = options.repository.resolve(), options.pawang.absolute()
  if not os.access(binary, os.X_OK):
    raise SystemExit(f"{binary} is not there: run bin/test, which builds it")
  pages = [page.resolve() for page in options.pages]
  pages = pages or [repository / "README.md", *sorted((repository / "docs").rglob("*.md"))]
  good = bad = 0
  for page in pages:
    found = blocks(page)
    name = page.relative_to(repository) if page.is_relative_to(repository) else page
    for line, target in broken_links(page):
      bad += 1
      print(f"{name}:{line}: the link leads nowhere: {target}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pawang-docs-"))
    try:
      work, environment = prepare(page, repository, folder, binary)
      for block in found:
        place, started = f"{name}:{block.line}", time.monotonic()
        if block.skipped is not None:
          if block.skipped:
            print(f"{place}: not run: {block.skipped}")
            continue
          trouble = "left out without a reason"
        else:
          trouble = check(block, work, environment, options.seconds)
        if trouble:
          bad += 1
          print(f"{place}: {trouble}")
        else:
          good += 1
          print(f"{place}: good ({time.monotonic() - started:.1f} s)")
        sys.stdout.flush()
    finally:
      shutil.rmtree(folder, ignore_errors=True)
  if good + bad == 0:
    print("no command block was found: something is wrong with the pages or with this script")
    bad = 1
  print(f"{good} passed, {bad} failed")
  return 1 if bad else 0


if __name__ == "__main__":
  sys.exit(main())
