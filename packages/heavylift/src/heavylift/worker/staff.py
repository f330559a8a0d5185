"""Changes of how many children there are, while the worker runs. All of it happens in the supervisor's thread."""

from typing import Final

from heavylift.record import Executor
from heavylift.worker.dismissal import Dismissal
from heavylift.worker.seats import Seat, Seats
from heavylift.worker.slots import Slots

MOST: Final = 1024  # children of a kind


class Staff:
    """Hires and lets go."""

    def __init__(self, seats: Seats, slots: Slots, dismissal: Dismissal) -> None:
        self._seats = seats
        self._slots = slots
        self._dismissal = dismissal

    def grow(self, executor: Executor, number: int) -> None:
        """Open places for more children of a kind, up to ``MOST``."""
        for _ in range(min(number, MOST - self._count(executor))):
            self._seats.open(executor)

    def shrink(self, executor: Executor, number: int) -> None:
        """Let children of a kind go, the idlest first, each when what it runs has ended. One always stays."""
        staying = [seat for seat in self._seats if seat.executor is executor and not seat.closing]
        for seat in sorted(staying, key=self._work_in_hand)[: max(0, min(number, len(staying) - 1))]:
            self._let_go(seat)

    def replace_all(self) -> None:
        """Let every child finish what it runs and be replaced by a new one."""
        for seat, pid in self._seats.living():
            self._dismissal.replace(seat, pid)

    def _count(self, executor: Executor) -> int:
        return sum(seat.executor is executor and not seat.closing for seat in self._seats)

    def _work_in_hand(self, seat: Seat) -> tuple[bool, int]:
        return seat.pid is not None, self._slots.held(seat.slot)

    def _let_go(self, seat: Seat) -> None:
        if seat.consumer is None:
            self._seats.close(seat)
        else:
            seat.closing = True  # the supervisor asks it to leave, at the latest when the news of its fork has come
