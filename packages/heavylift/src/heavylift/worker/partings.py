"""What follows when a child is gone: why is told, what it held goes on its way, its place is free."""

from dataclasses import dataclass

from heavylift.telemetry import ForkFailed, Lost, Reporter
from heavylift.worker.burial import Dead, bury
from heavylift.worker.deaths import ORPHANED, UNBORN
from heavylift.worker.handover import Handover
from heavylift.worker.nursery_news import Died, NotForked
from heavylift.worker.oom import OomWatch
from heavylift.worker.seats import Seat, Seats
from heavylift.worker.slots import Slots


@dataclass(frozen=True, slots=True)
class Partings:
    """Part of the supervisor's round."""

    seats: Seats
    slots: Slots
    handover: Handover
    oom: OomWatch
    reporter: Reporter

    def from_the_dead(self, news: Died) -> None:
        """A child has ended."""
        seat = self.seats[news.slot]
        self._part(seat, bury(news, seat, self.slots.read(news.slot), oom_killed=self.oom.struck), news.pid)

    def from_the_unborn(self, news: NotForked) -> None:
        """A child could not be forked; its place stays empty for a moment."""
        seat = self.seats[news.slot]
        assert seat.consumer is not None  # noqa: S101  a child is asked for under a name
        self.reporter.report(ForkFailed(consumer=seat.consumer, message=news.error))
        self.handover.add(Dead(seat.consumer, UNBORN))
        self._vacate(seat, accident=True)

    def from_all(self) -> None:
        """The nursery is gone, and every child with it."""
        for seat in self.seats:
            if seat.consumer is not None:
                self._part(seat, Dead(seat.consumer, ORPHANED), seat.pid or 0)

    def _part(self, seat: Seat, dead: Dead, pid: int) -> None:
        if dead.death.accident:
            self.reporter.report(Lost(consumer=dead.consumer, pid=pid, reason=dead.death.reason, cause=dead.death.words))
        self.handover.add(dead)
        self._vacate(seat, accident=dead.death.accident)

    def _vacate(self, seat: Seat, *, accident: bool) -> None:
        self.slots.clear(seat.slot)  # the next child of this slot has not begun anything
        seat.vacate(accident=accident)
        if seat.closing:
            self.seats.close(seat)
