"""Renders templates with the real Jinja2 and prints one JSON object per line: template, values, and what came out.

usage: reference.py written | generated [count seed]
"""

import json
import sys
import warnings

from jinja2 import meta
from jinja2.sandbox import SandboxedEnvironment

import generated
import written

# Python prints where these live in memory, or that they are methods: nothing a prompt could want, so ours fails.
USELESS = (" object at 0x", "<generator object", "<built-in method", "<bound method", "<function ", "<class ", "<method")

# Python warns about generated code such as `1[0]`.
warnings.simplefilter("ignore")

environment = SandboxedEnvironment(trim_blocks=True, lstrip_blocks=False, keep_trailing_newline=True)


def reference(template, values):
    line = {"template": template, "values": values, "text": None, "variables": None, "error": None}
    try:
        line["variables"] = sorted(meta.find_undeclared_variables(environment.parse(template)))
        text = environment.from_string(template).render(**values)
        if any(mark in text for mark in USELESS):
            line["error"] = "useless text"
        else:
            text.encode("utf-8")
            line["text"] = text
    except RecursionError:
        raise
    except Exception as error:
        line["error"] = f"{type(error).__name__}: {error}"
    return line


def main():
    cases = written.cases() if sys.argv[1] == "written" else generated.cases(*map(int, sys.argv[2:]))
    for template, values in cases:
        sys.stdout.write(json.dumps(reference(template, values)) + "\n")


main()
