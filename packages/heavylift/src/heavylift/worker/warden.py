"""Holds children to their limits: ends one that exceeds a hard one, and replaces one that exceeds a soft one."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from heavylift.worker.deaths import over_memory, over_time
from heavylift.worker.dismissal import Dismissal
from heavylift.worker.memory import resident
from heavylift.worker.seats import Seat, Seats
from heavylift.worker.slots import Slots
from heavylift.worker.stops import Stops

EVERY: Final = 0.5  # seconds between two looks at memory and age
SPREAD: Final = 0.1  # of the age at which a child is replaced; children that were born together go one after another


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may grow to; 0 is no bound. ``memory`` and ``memory_to_recycle`` are MiB, ``age`` is seconds."""

    memory: int = 0
    memory_to_recycle: int = 0
    age: float = 0.0


class Warden:
    """Part of the supervisor's round. ``weigh`` gives the MiB of a process."""

    def __init__(
        self,
        seats: Seats,
        slots: Slots,
        dismissal: Dismissal,
        stops: Stops,
        bounds: Bounds,
        *,
        weigh: Callable[[int], float] = resident,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seats = seats
        self._slots = slots
        self._dismissal = dismissal
        self._stops = stops
        self._bounds = bounds
        self._weigh = weigh
        self._clock = clock
        self._next_look = 0.0

    def look(self) -> None:
        """One look at every living child. Raises NurseryGone."""
        for seat, pid in self._seats.living():
            self._keep_to_time(seat, pid)
            if self._slots.leaves(seat.slot):
                self._dismissal.succeed(seat)
        if self._clock() >= self._next_look:
            self._next_look = self._clock() + EVERY
            self._keep_to_memory()
            self._keep_to_age()

    def _keep_to_time(self, seat: Seat, pid: int) -> None:
        running = self._slots.read(seat.slot)
        if running is None:
            return
        if running.deadline <= self._clock():
            self._dismissal.end(seat, pid, over_time(running.deadline - running.since), running)
        elif death := self._stops.overdue(seat.slot, running):
            self._dismissal.end(seat, pid, death)

    def _keep_to_memory(self) -> None:
        if not (self._bounds.memory or self._bounds.memory_to_recycle):
            return
        for seat, pid in self._seats.living():
            weight = self._weigh(pid)
            if self._bounds.memory and weight > self._bounds.memory:
                self._dismissal.end(seat, pid, over_memory(self._bounds.memory))
            elif self._bounds.memory_to_recycle and weight > self._bounds.memory_to_recycle:
                self._dismissal.replace(seat, pid)

    def _keep_to_age(self) -> None:
        """One of a kind at a time, so that the others of its kind do its share."""
        if not self._bounds.age:
            return
        living = self._seats.living()
        busy = {seat.executor for seat, _ in living if seat.told}
        for seat, pid in sorted(living, key=lambda sat: sat[0].since):
            if seat.executor not in busy and self._clock() - seat.since > self._lifespan(seat):
                busy.add(seat.executor)
                self._dismissal.replace(seat, pid)

    def _lifespan(self, seat: Seat) -> float:
        """The age, in seconds, at which the child in ``seat`` is replaced: the same whenever it is asked for."""
        drawn = random.Random(seat.consumer).uniform(-SPREAD, SPREAD)  # noqa: S311  spreading load is no secret
        return self._bounds.age * (1 + drawn)
