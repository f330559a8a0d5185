"""Texts, times and numbers as people read them."""

import shutil
import textwrap
from datetime import UTC, datetime


def one_line(text: str) -> str:
    """A text without what would move the cursor: others wrote it, and a terminal obeys what it reads."""
    return "".join(char if char.isprintable() else " " if char == "\n" else ascii(char)[1:-1] for char in text)


def lines(text: str) -> str:
    """The same of each line of a text."""
    return "\n".join(one_line(line) for line in text.splitlines())


def paragraph(text: str) -> str:
    """A text in lines as long as the terminal's, but not longer than one likes to read."""
    width = min(shutil.get_terminal_size().columns, 100)
    return textwrap.fill(one_line(text), width, break_long_words=False, break_on_hyphens=False)


def age(when: datetime | None) -> str:
    """How long ago, in the largest unit that fits."""
    return "" if when is None else f"{brief(max(0.0, (datetime.now(UTC) - when).total_seconds()))} ago"


def brief(seconds: float) -> str:
    """A length of time in the largest unit that fits."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}s"


def span(seconds: float) -> str:
    """A length of time that somebody waits for: 1 min 55 s."""
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = {"h": hours, "min": minutes, "s": 0 if hours else left}
    return " ".join(f"{number} {unit}" for unit, number in parts.items() if number) or "0 s"


def moment(when: datetime | None) -> str:
    """A time in UTC, to the second."""
    return "" if when is None else when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def counted(number: int, thing: str) -> str:
    """A number of things: 1 task, 2 tasks."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def clock(when: datetime) -> str:
    """The time of day here, to the second: for what happens now."""
    return when.astimezone().strftime("%H:%M:%S")
