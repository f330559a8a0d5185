"""How a child goes before its worker does: it is asked to leave, or it is ended."""

import signal

from heavylift.record import Executor
from heavylift.worker.deaths import Death
from heavylift.worker.nursery import Nursery
from heavylift.worker.seats import Seat, Seats
from heavylift.worker.slots import Running


class Dismissal:
    """What the supervisor's thread says to single children. Each method raises NurseryGone."""

    def __init__(self, nursery: Nursery, seats: Seats) -> None:
        self._nursery = nursery
        self._seats = seats

    def ask(self, seat: Seat, pid: int) -> None:
        """Ask a child to finish what it runs and to leave. Nothing happens when it was asked before."""
        if not seat.told:
            seat.told = True
            self._nursery.signal(pid, signal.SIGTERM)

    def replace(self, seat: Seat, pid: int) -> None:
        """Ask a child to leave for the next one to take its place."""
        self.ask(seat, pid)
        self.succeed(seat)

    def succeed(self, seat: Seat) -> None:
        """Open a place at once for the successor of a child that leaves, if it may take long: it runs many tasks side by side.

        One that runs one task at a time keeps its core busy until it goes.
        """
        if seat.executor is not Executor.PROCESS and not seat.closing:
            seat.closing = True
            self._seats.open(seat.executor)

    def end(self, seat: Seat, pid: int, death: Death, overdue: Running | None = None) -> None:
        """End a child now, for the reason that ``death`` gives."""
        seat.condemn(death, overdue)
        self._nursery.signal(pid, signal.SIGKILL)
