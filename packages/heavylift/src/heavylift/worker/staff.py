"""Changes of how many children there are and of what they serve, while the worker runs."""

from collections.abc import Mapping
from typing import Final

from heavylift.record import Executor
from heavylift.worker.seats import Seat
from heavylift.worker.supervisor import Supervisor

MOST: Final = 1024  # children of a kind


class Staff:
    """Hires, replaces and lets go. To be asked from any thread: it all happens soon, in the supervisor's."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    @property
    def kind(self) -> Executor:
        """The kind of children of which there can be more or fewer: the one that also runs what no other here wants."""
        return self._supervisor.seating[0]

    @property
    def number(self) -> int:
        """How many of them there are, without those that leave."""
        return len(self._staying())

    def grow(self, number: int) -> None:
        """Have this many more, up to ``MOST``."""
        self._supervisor.ask(lambda: self._hire(number))

    def shrink(self, number: int) -> None:
        """Let this many go, the idlest first, each when what it runs has ended. One always stays."""
        self._supervisor.ask(lambda: self._let_go(number))

    def replace_all(self) -> None:
        """Let every child finish what it runs and be replaced by a new one."""
        self._supervisor.ask(self._replace_all)

    def serve(self, queues: Mapping[str, int]) -> None:
        """Take tasks from these queues, with these weights, from now on: every child is replaced."""
        self._supervisor.ask(lambda: self._turn_to(queues))

    def _hire(self, number: int) -> None:
        for _ in range(min(number, MOST - self.number)):
            self._supervisor.seats.open(self.kind)

    def _let_go(self, number: int) -> None:
        staying = sorted(self._staying(), key=self._work_in_hand)
        for seat in staying[: max(0, min(number, len(staying) - 1))]:
            if seat.consumer is None:
                self._supervisor.seats.close(seat)
            else:
                seat.closing = True  # the supervisor asks it to leave, at the latest when the news of its fork has come

    def _replace_all(self) -> None:
        for seat, pid in self._supervisor.seats.living():
            self._supervisor.dismissal.replace(seat, pid)

    def _turn_to(self, queues: Mapping[str, int]) -> None:
        self._supervisor.queues = queues
        self._replace_all()

    def _staying(self) -> list[Seat]:
        return [seat for seat in self._supervisor.seats if seat.executor is self.kind and not seat.closing]

    def _work_in_hand(self, seat: Seat) -> tuple[bool, int]:
        return seat.pid is not None, self._supervisor.slots.held(seat.slot)
