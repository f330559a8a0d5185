"""What one run has logged and nobody has carried to the store yet."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from heavylift.store.calls import Memo
from heavylift.story import LogLine

Redact = Callable[[dict[str, Any]], dict[str, Any] | None]

PORTION: Final = 100  #: Lines that are kept together at most, so that the oldest can go portion by portion.
WEIGHT: Final = 100  #: Bytes that a line has besides its words, about.


@dataclass(frozen=True, slots=True)
class LogRules:
    """What of a log is kept: the newest ``most_lines`` and ``most_bytes`` until they are carried, as ``redact`` leaves them."""

    most_lines: int
    most_bytes: int
    redact: Redact | None = None


EVERYTHING: Final = LogRules(1000, 262_144)


class RunLog:
    """Written to by the threads of a task, emptied by whoever carries it."""

    def __init__(self, rules: LogRules) -> None:
        self._rules = rules
        self._lock = threading.Lock()
        self._waiting: deque[tuple[LogLine, int]] = deque()
        self._bytes = 0
        self._number = 0
        self._underway: tuple[Memo, ...] = ()
        self._dropped = 0

    def write(self, at: int, level: str, attempt: int, logger: str, message: str, fields: dict[str, Any]) -> bool:
        """Add a line. Returns whether it is the first that waits."""
        weight = WEIGHT + len(message) + sum(len(value) for value in fields.values() if isinstance(value, str))
        with self._lock:
            self._number += 1
            self._waiting.append((LogLine(self._number, at, level, attempt, logger, message, fields), weight))
            self._bytes += weight
            while len(self._waiting) > self._rules.most_lines or (
                self._bytes > self._rules.most_bytes and len(self._waiting) > 1
            ):
                self._bytes -= self._waiting.popleft()[1]
                self._dropped += 1
            return len(self._waiting) == 1

    def take(self, id_: str, fence: int) -> tuple[Memo, ...]:
        """What is to be carried: what was taken before and did not arrive, the same again, and what came since."""
        with self._lock:
            lines = [line for line, _ in self._waiting]
            self._waiting.clear()
            self._bytes = 0
        kept = [line for line in map(self._redacted, lines) if line is not None]
        self._dropped += len(lines) - len(kept)
        portions = [kept[first : first + PORTION] for first in range(0, len(kept), PORTION)]
        self._underway += tuple(Memo.log(id_, fence, portion) for portion in portions)
        self._forget_the_oldest()
        return self._underway

    def arrived(self) -> tuple[int, int]:
        """What was taken is in the store. Returns how many lines are kept since this was last said, and how many are not."""
        kept, self._underway = sum(memo.lines for memo in self._underway), ()
        with self._lock:
            dropped, self._dropped = self._dropped, 0
        return kept, dropped

    def _forget_the_oldest(self) -> None:
        while sum(memo.lines for memo in self._underway) > self._rules.most_lines + PORTION:
            self._dropped += self._underway[0].lines
            self._underway = self._underway[1:]

    def _redacted(self, line: LogLine) -> LogLine | None:
        """The line as the hook leaves it. One that the hook stumbles over is dropped: nobody knows what is in it."""
        redact = self._rules.redact
        if redact is None:
            return line
        try:
            told = redact({"level": line.level, "logger": line.logger, "message": line.message, "fields": dict(line.fields)})
            if told is None:
                return None
            message, fields = str(told["message"]), plain_fields(told["fields"])
        except Exception:
            return None
        return LogLine(line.number, line.at, line.level, line.attempt, line.logger, message, fields)


LONGEST_VALUE: Final = 1000  #: Characters of a field.
MOST_FIELDS: Final = 20


def plain_fields(fields: dict[Any, Any]) -> dict[str, Any]:
    """Fields as JSON can say them: numbers, truth and nothing as they are, all else as text."""
    return {str(name)[:100]: _plain(value) for name, value in list(fields.items())[:MOST_FIELDS]}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    return str(value)[:LONGEST_VALUE]
