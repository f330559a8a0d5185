"""A running task leaves something in its record, and asks for what a former run of it left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from heavylift.store.calls.call import Call, Limits, flags
from heavylift.story import LogLine, written


@dataclass(frozen=True, slots=True)
class Memo:
    """What a task that is held under ``fence`` leaves in the field ``name`` of its record, as JSON text."""

    id: str
    fence: int
    name: str
    text: str
    lines: int = 0  #: Of a log.

    @classmethod
    def progress(cls, id_: str, fence: int, value: Any) -> Self:
        """How far it is: what the record shows as ``progress``."""
        return cls(id_, fence, "progress", json.dumps(value))

    @classmethod
    def log(cls, id_: str, fence: int, lines: Sequence[LogLine]) -> Self:
        """Lines of its log, at least one. Lines that came before, by the number of the last, are not kept twice."""
        return cls(id_, fence, "log", f"{lines[-1].number} {len(lines)} {written(lines)}", len(lines))

    @classmethod
    def checkpoint(cls, id_: str, fence: int, text: str) -> Self:
        """Where the next attempt is to go on: it comes with its delivery."""
        return cls(id_, fence, "checkpoint", text)

    @classmethod
    def effect(cls, id_: str, fence: int, effect: str, text: str) -> Self:
        """That an effect is done, and what it returned."""
        return cls(id_, fence, effect_field(effect), text)


def effect_field(effect: str) -> str:
    """The field of a record that an effect has."""
    return f"effect:{effect}"


@dataclass(frozen=True, slots=True)
class Remember(Call[tuple[bool, ...]]):
    """Keep memos in the records of running tasks, of several together. False where the fence is stale."""

    script = "remember"
    memos: tuple[Memo, ...]

    def arguments(self, limits: Limits) -> list[str]:
        kept = [str(limits.log_lines), str(limits.log_bytes)]
        return kept + [part for memo in self.memos for part in (memo.id, str(memo.fence), memo.name, memo.text)]

    def parse(self, reply: Any) -> tuple[bool, ...]:
        return flags(reply)


@dataclass(frozen=True, slots=True)
class Recalled:
    """``text`` is what an effect returned, None when no run has recorded it. ``held`` is False when the fence is stale."""

    held: bool
    text: str | None


@dataclass(frozen=True, slots=True)
class Recall(Call[Recalled]):
    """What a former run of a running task recorded of an effect."""

    script = "recall"
    id: str
    fence: int
    effect: str

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, str(self.fence), effect_field(self.effect)]

    def parse(self, reply: Any) -> Recalled:
        return Recalled(bool(reply[0]), reply[1] if len(reply) > 1 else None)
