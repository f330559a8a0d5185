"""Keeps the number of children, and hands on at once what a dead one held."""

import os
import select
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Final

from heavylift.errors import HeavyliftError
from heavylift.store.calls import Register
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter, StoreTrouble
from heavylift.worker.deaths import STOPPED
from heavylift.worker.dismissal import Dismissal
from heavylift.worker.handover import Handover
from heavylift.worker.nursery import Nursery, NurseryGone
from heavylift.worker.nursery_news import Died, Forked, NotForked
from heavylift.worker.oom import OomWatch
from heavylift.worker.partings import Partings
from heavylift.worker.place import Place
from heavylift.worker.seating import Seating
from heavylift.worker.seats import Seat, Seats
from heavylift.worker.slots import Slots
from heavylift.worker.stops import Stops
from heavylift.worker.warden import Warden

TICK: Final = 0.5  # seconds between looks at what could not be done at once


@dataclass(slots=True)
class Supervisor:
    """One thread's work: news from the nursery, what the dead held, empty seats.

    ``on_collapse`` is called once when the nursery is gone.
    """

    nursery: Nursery
    slots: Slots
    store: RedisStore
    reporter: Reporter
    handover: Handover
    partings: Partings
    oom: OomWatch
    seats: Seats
    dismissal: Dismissal
    stops: Stops
    warden: Warden
    queues: Mapping[str, int]
    seating: Seating
    lease: float
    on_collapse: Callable[[], None]
    _asked: SimpleQueue[Callable[[], None]] = field(init=False, default_factory=SimpleQueue)
    _draining: bool = field(init=False, default=False)
    _killing: bool = field(init=False, default=False)
    _bell: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._bell = os.pipe()

    @property
    def living(self) -> int:
        """Children that run."""
        return len(self.seats.living())

    @property
    def finished(self) -> bool:
        """Whether no child runs and nothing is left to be handed on."""
        return not self.seats.consumers() and self.handover.finished

    def drain(self) -> None:
        """Ask every child to finish what it runs and to leave. Safe in a signal handler."""
        self._draining = True
        self.wake()

    def kill(self) -> None:
        """End every child at once; what they ran goes back to its queue unblamed."""
        self._draining = self._killing = True
        self.wake()

    def wake(self) -> None:
        """Let the round begin now. From any thread, and safe in a signal handler."""
        os.write(self._bell[1], b"!")

    def ask(self, change: Callable[[], None]) -> None:
        """Have a change made in the supervisor's thread, soon. From any thread; nothing comes of it once the worker drains."""
        self._asked.put(change)
        self.wake()

    def attend(self) -> float:
        """One round: what the nursery says, then what follows from it. Returns at once when there is news."""
        try:
            self._listen()
            self._do_what_was_asked()
            self._pass_on_orders()
            self._look_around()
            self.handover.run()
            self._fill_seats()
        except NurseryGone:
            self._collapse()
            return TICK
        except HeavyliftError as error:
            self.reporter.report(StoreTrouble(component="supervisor", error_type=type(error).__name__, message=str(error)))
            time.sleep(0.1)  # the nursery's news must be heard all the same; this only slows the asking
        return 0.0

    def _listen(self) -> None:
        watched: list[Any] = [self.nursery, self._bell[0]]
        waits = bool(self.seats.free()) and not self._draining
        ready, _, _ = select.select(watched, [], [], 0.0 if waits else TICK)
        if self._bell[0] in ready:
            os.read(self._bell[0], 4096)
        while self.nursery in ready:
            match self.nursery.receive():
                case Forked(slot, pid):
                    self.seats[slot].pid = pid
                case NotForked() as news:
                    self.partings.from_the_unborn(news)
                case Died() as news:
                    self.partings.from_the_dead(news)
            ready, _, _ = select.select(watched[:1], [], [], 0)

    def _do_what_was_asked(self) -> None:
        while not self._asked.empty():
            change = self._asked.get()
            if not self._draining:
                change()

    def _pass_on_orders(self) -> None:
        for seat, pid in self.seats.living():  # also one of whose fork the news came after the order
            if self._killing:
                self.dismissal.end(seat, pid, STOPPED)
            elif self._draining or seat.closing:
                self.dismissal.ask(seat, pid)

    def _look_around(self) -> None:
        self.oom.look()
        self.warden.look()

    def _fill_seats(self) -> None:
        for seat in [] if self._draining else self.seats.free():
            self._fill(seat)

    def _fill(self, seat: Seat) -> None:
        place = Place(seat.slot, self.seats.new_name(seat), self.queues, self.seating.lines_of(seat.executor))
        self.store.run(Register(place.consumer, tuple(place.queues), self.lease, {"kind": place.executor}, (), place.executors))
        seat.take(place.consumer)
        self.nursery.fork(seat.slot, place.to_json())

    def _collapse(self) -> None:
        self.partings.from_all()
        self._draining = True
        try:
            self.handover.run()
        finally:
            self.on_collapse()
