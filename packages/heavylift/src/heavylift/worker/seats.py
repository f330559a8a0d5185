"""The places for children, and who sits in each of them."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from heavylift.record import Executor
from heavylift.worker.deaths import Death
from heavylift.worker.seating import Seating
from heavylift.worker.slots import Running

YOUNG: Final = 2.0  # seconds; a child that dies younger than this makes us wait before the next
LONGEST_PAUSE: Final = 10.0  # seconds


@dataclass(slots=True)
class Seat:
    """A place for one child. ``pid`` follows ``consumer``: the child is asked for under its name, and then there."""

    slot: int
    executor: Executor
    consumer: str | None = None
    pid: int | None = None
    told: bool = False  #: Whether the child was asked to leave.
    closing: bool = False  #: Whether nobody follows the child that sits here.
    condemned: Death | None = None  #: Why the guardian ended the child.
    overdue: Running | None = None  #: What ran too long, where that is why.
    since: float = 0.0
    early_deaths: int = 0
    not_before: float = 0.0

    @property
    def free(self) -> bool:
        """Whether a child may be asked for now."""
        return self.consumer is None and self.not_before <= time.monotonic()

    def take(self, consumer: str) -> None:
        """Keep the place for the child of this name."""
        self.consumer, self.since = consumer, time.monotonic()

    def condemn(self, death: Death, overdue: Running | None = None) -> None:
        """Note why the child is being ended; the first reason is the one that holds."""
        if self.condemned is None:
            self.condemned, self.overdue = death, overdue

    def vacate(self, *, accident: bool) -> None:
        """The child is gone. After several accidents in a row the place stays empty for a while."""
        now = time.monotonic()
        self.early_deaths = self.early_deaths + 1 if accident and now - self.since < YOUNG else 0
        pause = min(LONGEST_PAUSE, 0.1 * 2.0**self.early_deaths) if self.early_deaths > 1 else 0.0
        self.not_before = now + pause
        self.consumer = self.pid = self.condemned = self.overdue = None
        self.told = False


class Seats:
    """All places of a worker. The names of its children begin with ``hostname``, and none is ever used twice."""

    def __init__(self, seating: Seating, *, hostname: str) -> None:
        self._prefix = f"{hostname}/{uuid.uuid4().hex[:8]}"
        self._born = 0
        self._seats: dict[int, Seat] = {}
        for executor in seating:
            self.open(executor)

    def __iter__(self) -> Iterator[Seat]:
        return iter(tuple(self._seats.values()))  # a copy: other threads look while the supervisor opens and closes

    def __getitem__(self, slot: int) -> Seat:
        return self._seats[slot]

    def open(self, executor: Executor) -> Seat:
        """Make one more place for a child of this kind, in the lowest slot that is free."""
        slot = next(number for number in range(len(self._seats) + 1) if number not in self._seats)
        self._seats[slot] = Seat(slot, executor)
        return self._seats[slot]

    def close(self, seat: Seat) -> None:
        """Take a place away."""
        del self._seats[seat.slot]

    def new_name(self, seat: Seat) -> str:
        """A name for the next child in ``seat``."""
        self._born += 1
        return f"{self._prefix}/{seat.slot}.{self._born}"

    def consumers(self) -> list[str]:
        """The consumers whose lease is to be kept: those of living children."""
        return [seat.consumer for seat in self if seat.consumer is not None]

    def free(self) -> list[Seat]:
        """The places for which a child may be asked for now."""
        return [seat for seat in self if seat.free]

    def living(self) -> list[tuple[Seat, int]]:
        """The places in which a child sits, and its pid."""
        return [(seat, seat.pid) for seat in self if seat.pid is not None]
