"""Tasks of children of kind ``process`` that are to stop, and until when they may do so by themselves.

Only such a child runs nothing else that would end with it.
"""

import time
from dataclasses import dataclass

from heavylift.worker.deaths import CALLED_OFF, STALE, Death
from heavylift.worker.slots import Running


@dataclass(frozen=True, slots=True)
class _Stop:
    task_id: str
    fence: int
    death: Death
    by: float


class Stops:
    """The leases' thread says what is to stop, the supervisor asks what has not. ``grace`` in seconds."""

    def __init__(self, *, grace: float) -> None:
        self._grace = grace
        self._stops: dict[int, _Stop] = {}

    def cancel(self, slot: int, running: Running) -> None:
        """Somebody called off what the child of ``slot`` runs."""
        self._ask(slot, running, CALLED_OFF)

    def give_up(self, slot: int, running: Running) -> None:
        """Others have what the child of ``slot`` runs."""
        self._ask(slot, running, STALE)

    def overdue(self, slot: int, running: Running) -> Death | None:
        """Why the child of ``slot`` is to be ended now: it still runs what was to stop, and its grace is over."""
        stop = self._stops.get(slot)
        if stop is None or not _is_of(stop, running) or time.monotonic() < stop.by:
            return None
        return stop.death

    def _ask(self, slot: int, running: Running, death: Death) -> None:
        stop = self._stops.get(slot)
        if stop is None or not _is_of(stop, running):  # else the grace has begun, however often it is asked for
            self._stops[slot] = _Stop(running.task_id, running.fence, death, time.monotonic() + self._grace)


def _is_of(stop: _Stop, running: Running) -> bool:
    return (stop.task_id, stop.fence) == (running.task_id, running.fence)
