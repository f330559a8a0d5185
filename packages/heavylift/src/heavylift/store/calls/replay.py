"""What is done with dead letters: they are replayed, or discarded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from heavylift.record import from_ms
from heavylift.state import State
from heavylift.store.calls.call import Call, Limits, moment_text, reach_text


@dataclass(frozen=True, slots=True)
class DeadReply:
    """The state that a task is in; ``changed`` is False when it was no dead letter, and then nothing was done."""

    state: State
    changed: bool

    @classmethod
    def read(cls, row: Sequence[Any]) -> Self | None:
        """The meaning of what a script says of one task; None when there is no such task."""
        return cls(State(row[0]), bool(row[1])) if row else None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of each task, and when one more would be due."""

    tasks: tuple[DeadReply | None, ...]
    next_due: datetime


@dataclass(frozen=True, slots=True)
class Replay(Call[Replayed]):
    """failed → queued | scheduled, for each dead letter: the same task begins anew, with its attempts and deaths at zero.

    The first is due at ``first_due``, None for now, and each other ``apart`` seconds after the one before. Nothing happens to a
    task that is no dead letter, so replaying twice does no harm. One beyond ``reach``, a tenant, is as good as none.
    """

    script = "replay"
    ids: tuple[str, ...]
    first_due: datetime | None = None
    apart: float = 0.0
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [moment_text(self.first_due), str(self.apart * 1000), reach_text(self.reach), *self.ids]

    def parse(self, reply: Any) -> Replayed:
        return Replayed(tuple(DeadReply.read(row) for row in reply[1:]), from_ms(int(reply[0])))


@dataclass(frozen=True, slots=True)
class Discard(Call[tuple[DeadReply | None, ...]]):
    """failed → (nothing), for each dead letter within ``reach``: its record goes for good."""

    script = "discard"
    ids: tuple[str, ...]
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [reach_text(self.reach), *self.ids]

    def parse(self, reply: Any) -> tuple[DeadReply | None, ...]:
        return tuple(DeadReply.read(row) for row in reply)
