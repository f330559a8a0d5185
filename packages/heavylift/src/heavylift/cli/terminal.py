"""What goes to standard output: text for people, JSON for programs."""

import json
import sys
from typing import Any

from heavylift.cli.text import one_line


def say(text: str) -> None:
    """Write a text and end the line."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Say something beside the answer: on standard error, where it disturbs no program that reads the answer."""
    sys.stderr.write(f"{one_line(text)}\n")


def say_json(value: Any) -> None:
    """Write one JSON document."""
    say(json.dumps(value, indent=2, ensure_ascii=True))


def say_json_line(value: Any) -> None:
    """Write one JSON document on a line of its own, at once: one of a stream."""
    say(json.dumps(value, ensure_ascii=True))
    sys.stdout.flush()


def is_terminal() -> bool:
    """Whether a person reads what is written."""
    return sys.stdout.isatty()
