"""A thing by its fields, a line each; and JSON as people read it."""

import json
from collections.abc import Mapping
from typing import Any

from heavylift.cli.terminal import say
from heavylift.cli.text import lines, one_line


def say_fields(fields: Mapping[str, str | None]) -> None:
    """A line for each that is known, the values below each other."""
    known = {name: value for name, value in fields.items() if value}
    width = max(map(len, known), default=0)
    for name, value in known.items():
        first, *more = lines(value).splitlines() or [""]
        say("\n".join([f"{name.ljust(width)}  {first}", *(f"{'':{width}}  {line}" for line in more)]))


def readable(value: Any) -> str:
    """A JSON value: on one line where it is short."""
    short = json.dumps(value, ensure_ascii=False)
    return one_line(short) if len(short) <= 60 else lines(json.dumps(value, ensure_ascii=False, indent=2))
