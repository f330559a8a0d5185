"""What is done with dead letters: they are replayed, or discarded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heavylift.record import Form, from_ms
from heavylift.store.calls.call import Call, Limits, moment_text, reach_text
from heavylift.store.calls.moved import Moved


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of each task, and when one more would be due."""

    tasks: tuple[Moved | None, ...]
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
        return [moment_text(self.first_due), str(self.apart * 1000), reach_text(self.reach), "", "", *self.ids]

    def parse(self, reply: Any) -> Replayed:
        return Replayed(tuple(Moved.read(row) for row in reply[1:]), from_ms(int(reply[0])))


@dataclass(frozen=True, slots=True)
class ReplayEdited(Call[Moved | None]):
    """failed → queued, with another payload. None when there is no such task within ``reach``.

    The payload before stays with the record, and the checkpoint of its runs goes, which was a place in that. Effects that are
    done stay done.
    """

    script = "replay"
    grows = True
    id: str
    payload: str
    form: Form
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return ["", "0", reach_text(self.reach), self.payload, self.form, self.id]

    def parse(self, reply: Any) -> Moved | None:
        return Moved.read(reply[1])


@dataclass(frozen=True, slots=True)
class FormerPayloads(Call[tuple[str | None, ...]]):
    """What a task was given before it was replayed with something else, after each of these runs; None for one that is not so."""

    script = "former_payloads"
    repeatable = True
    id: str
    runs: tuple[int, ...]

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, *map(str, self.runs)]

    def parse(self, reply: Any) -> tuple[str | None, ...]:
        return tuple(reply)


@dataclass(frozen=True, slots=True)
class Discard(Call[tuple[Moved | None, ...]]):
    """failed → (nothing), for each dead letter within ``reach``: its record goes for good."""

    script = "discard"
    ids: tuple[str, ...]
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [reach_text(self.reach), *self.ids]

    def parse(self, reply: Any) -> tuple[Moved | None, ...]:
        return tuple(Moved.read(row) for row in reply)
