"""Somebody wants what waits for its time to begin now."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits, reach_text
from heavylift.store.calls.moved import Moved


@dataclass(frozen=True, slots=True)
class Hasten(Call[tuple[Moved | None, ...]]):
    """scheduled → queued, for each task within ``reach``: its delay, or the pause before its next attempt, counts no more.

    Nothing happens to one that does not wait for its time, so asking twice does no harm.
    """

    script = "hasten"
    ids: tuple[str, ...]
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [reach_text(self.reach), *self.ids]

    def parse(self, reply: Any) -> tuple[Moved | None, ...]:
        return tuple(Moved.read(row) for row in reply)
