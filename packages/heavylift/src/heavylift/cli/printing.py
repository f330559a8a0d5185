"""Tables, times and JSON for a terminal."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, Final

from heavylift.record import Record, read_json

_LEAST: Final = 20  #: Characters of the last column that are shown however narrow the terminal is.


def say(text: str) -> None:
    """Write a text and end the line."""
    sys.stdout.write(f"{text}\n")


def print_json(value: Any) -> None:
    """Write one JSON document."""
    say(json.dumps(value, indent=2, ensure_ascii=True))


def as_json(value: Any) -> Any:
    """A frozen value as JSON: its fields by name, times as text, and a payload as what it is."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
        return told | {"payload": read_json(value.payload)} if isinstance(value, Record) else told
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [as_json(one) for one in value]
    return value


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns that are as wide as what stands in them; the last is cut to the width of the terminal."""
    lines = [heads, *[[one_line(cell) for cell in row] for row in rows]]
    widths = [max(len(line[n]) for line in lines) for n in range(len(heads) - 1)]
    room = max(_LEAST, shutil.get_terminal_size((160, 24)).columns - sum(widths) - 2 * len(widths))
    return "\n".join(_row(line, widths, room) for line in lines)


def _row(cells: Sequence[str], widths: Sequence[int], room: int) -> str:
    last = cells[-1] if len(cells[-1]) <= room else f"{cells[-1][: room - 1]}…"
    return "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)), last]).rstrip()


def one_line(text: str) -> str:
    """A text without what would move the cursor: others wrote it, and a terminal obeys what it reads."""
    return "".join(char if char.isprintable() else " " if char == "\n" else ascii(char)[1:-1] for char in text)


def age(moment_: datetime | None) -> str:
    """How long ago, in the largest unit that fits."""
    if moment_ is None:
        return ""
    seconds = max(0, int((datetime.now(UTC) - moment_).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit} ago"
    return f"{seconds}s ago"


def moment(when: datetime | None) -> str:
    """A time in UTC, to the second."""
    return "" if when is None else when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
