"""Somebody calls a task off."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits, keeping, reach_text
from heavylift.store.calls.moved import Moved


@dataclass(frozen=True, slots=True)
class Cancel(Call[Moved | None]):
    """scheduled | queued → cancelled; a running task is asked to end. None when there is no such task within ``reach``."""

    script = "cancel"
    id: str
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:
        return [reach_text(self.reach), *keeping(limits), self.id]

    def parse(self, reply: Any) -> Moved | None:
        return Moved.read(reply[0])


@dataclass(frozen=True, slots=True)
class CancelMany(Call[tuple[Moved | None, ...]]):
    """The same for many tasks."""

    script = "cancel"
    ids: tuple[str, ...]
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:
        return [reach_text(self.reach), *keeping(limits), *self.ids]

    def parse(self, reply: Any) -> tuple[Moved | None, ...]:
        return tuple(Moved.read(row) for row in reply)
