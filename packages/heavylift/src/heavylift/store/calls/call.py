"""What a call is, and how values are written into ARGV and read from a reply."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar

from heavylift.outcome import Failure
from heavylift.record import Durability, to_ms
from heavylift.settings import StoreSettings

Reply = TypeVar("Reply")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a store keeps.

    ``retention`` is how long, in seconds, the record of an ended task is kept. ``index_limit`` is how many tasks each of the
    indexes for listing holds (it may hold 64 more for a while); 0 keeps only those of live states, which are always complete.
    Dead letters, the failed ones, have limits of their own: ``dead_retention`` in seconds, and ``dead_limit`` of them at most.
    ``queue_length`` is how many tasks may wait in a queue that has no limit of its own; 0 is any number.
    ``log_lines`` and ``log_bytes`` are how much of its log each task keeps, the newest.
    ``audit_length`` is how many acts of operators are kept, the newest.
    """

    retention: float = 86_400.0
    index_limit: int = 10_000
    dead_retention: float = 14 * 86_400.0
    dead_limit: int = 100_000
    log_lines: int = 1000
    log_bytes: int = 262_144
    queue_length: int = 0
    audit_length: int = 20_000

    @classmethod
    def of(cls, settings: StoreSettings) -> Self:
        """The limits that are set."""
        return cls(
            settings.retention,
            settings.index_limit,
            settings.dead_retention,
            settings.dead_limit,
            settings.log_lines,
            settings.log_bytes,
            settings.queue_length,
            settings.audit_length,
        )


class Call(Generic[Reply]):
    """A question or a change, asked of one partition of the store.

    One that ``grows`` brings in what was not there. A Redis that is full refuses it; every other call goes through all the same,
    for it serves the end of what is there.
    One that is ``repeatable`` may be asked again when nobody knows whether it was done: that changes nothing more.
    """

    script: ClassVar[str]
    grows: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:
        """What the script finds in ARGV."""
        raise NotImplementedError

    def parse(self, reply: Any) -> Reply:
        """The meaning of what the script returned."""
        raise NotImplementedError


def keeping(limits: Limits) -> list[str]:
    """How much is kept, as the scripts that end a task take it: retention in ms, index limit, limit of dead letters."""
    return [str(milliseconds(limits.retention)), str(limits.index_limit), str(limits.dead_limit)]


def milliseconds(seconds: float) -> int:
    """The unit of every duration in a script."""
    return round(seconds * 1000)


def moment_text(moment: datetime | None) -> str:
    """A time as the scripts take it: milliseconds since the epoch, or '' for none."""
    return "" if moment is None else str(to_ms(moment))


def reach_text(reach: str | None) -> str:
    """Whose tasks are reached, as the scripts take it: '' everybody's, else those of one tenant ('=' alone: of nobody's)."""
    return "" if reach is None else f"={reach}"


def failure_text(failure: Failure) -> str:
    """An error as the record keeps it."""
    return json.dumps(failure.as_json(), default=str)


def flags(reply: Iterable[Any]) -> tuple[bool, ...]:
    """The meaning of a reply of ones and zeros."""
    return tuple(bool(flag) for flag in reply)


def pairs(flat: Sequence[str]) -> list[tuple[str, str]]:
    """The names and values of a hash, which Redis answers one after the other."""
    return list(zip(flat[::2], flat[1::2], strict=True))
