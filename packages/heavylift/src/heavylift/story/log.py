"""What handlers log, as a store keeps it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. ``number`` counts the lines of its run from 1, also those that were not kept; ``at`` is in ms since the epoch."""

    number: int
    at: int
    level: str
    attempt: int
    logger: str
    message: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogPortion:
    """Lines of one run that came to the store together, in their order."""

    run: int
    lines: tuple[LogLine, ...]

    @classmethod
    def read(cls, run: int, text: str) -> Self:
        """The portion that was written as ``text``."""
        return cls(run, tuple(LogLine(*line) for line in json.loads(text)))


def written(lines: Sequence[LogLine]) -> str:
    """Lines as JSON text."""
    parts = [(line.number, line.at, line.level, line.attempt, line.logger, line.message, line.fields) for line in lines]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace").decode()  # half a surrogate pair, as undecodable file names have, is no text for Redis
