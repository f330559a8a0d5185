"""Keeps the number of children, and hands on at once what a dead one held."""

import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from heavylift.errors import HeavyliftError
from heavylift.outcome import Failed, Failure
from heavylift.record import Executor, Record
from heavylift.store.calls import Complete, HandOn, Read, Register
from heavylift.store.calls import Ended as StoreEnded
from heavylift.store.calls import HandedOn as HandedOnReply
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Ended, HandedOn, Lost, Reporter, Result, StoreTrouble
from heavylift.worker.nursery import Died, Forked, Nursery, NurseryGone
from heavylift.worker.seating import Seating
from heavylift.worker.slots import Running, Slots

TICK: Final = 0.5  # seconds between looks at what could not be done at once
YOUNG: Final = 2.0  # seconds; a child that dies younger than this makes us wait before the next
LONGEST_PAUSE: Final = 10.0  # seconds


@dataclass(slots=True)
class _Seat:
    """A place for one child, and who sits in it."""

    slot: int
    executor: Executor
    consumer: str | None = None
    pid: int | None = None
    told: int | None = None  #: The pid that was asked to leave.
    overdue: Running | None = None
    since: float = 0.0
    early_deaths: int = 0
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class _Dead:
    """A consumer whose tasks are still to be handed on."""

    consumer: str
    cause: str
    blame: bool
    ran: str = ""


@dataclass(slots=True)
class Supervisor:
    """One thread's work: news from the nursery, what the dead held, empty seats.

    ``name(slot)`` makes the name of the next consumer. ``on_collapse`` is called once when the nursery is gone.
    """

    nursery: Nursery
    slots: Slots
    store: RedisStore
    reporter: Reporter
    queues: tuple[str, ...]
    seating: Seating
    lease: float
    max_deliveries: int
    name: Callable[[int], str]
    on_collapse: Callable[[], None]
    _seats: list[_Seat] = field(init=False)
    _dead: list[_Dead] = field(init=False, default_factory=list)
    _timed_out: list[StoreEnded] = field(init=False, default_factory=list)
    _draining: bool = field(init=False, default=False)
    _killing: bool = field(init=False, default=False)
    _bell: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._seats = [_Seat(slot, executor) for slot, executor in enumerate(self.seating)]
        self._bell = os.pipe()

    def consumers(self) -> list[str]:
        """The consumers whose lease is to be kept: those of living children."""
        return [seat.consumer for seat in self._seats if seat.consumer is not None]

    @property
    def living(self) -> int:
        """Children that run."""
        return sum(seat.pid is not None for seat in self._seats)

    @property
    def finished(self) -> bool:
        """Whether no child runs and nothing is left to be handed on."""
        return not self.consumers() and not self._dead

    def drain(self) -> None:
        """Ask every child to finish what it runs and to leave. Safe in a signal handler."""
        self._draining = True
        os.write(self._bell[1], b"d")

    def kill(self) -> None:
        """End every child at once; what they ran goes back to its queue unblamed."""
        self._draining = self._killing = True
        os.write(self._bell[1], b"k")

    def attend(self) -> float:
        """One round: what the nursery says, then what follows from it. Returns at once when there is news."""
        try:
            self._listen()
            self._pass_on_orders()
            self._end_the_overdue()
            self._hand_on_the_dead()
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
        ready, _, _ = select.select(watched, [], [], 0.0 if self._work_waits() else TICK)
        if self._bell[0] in ready:
            os.read(self._bell[0], 4096)
        while self.nursery in ready:
            match self.nursery.receive():
                case Forked(slot, pid):
                    self._seats[slot].pid = pid
                case Died() as news:
                    self._bury(news)
            ready, _, _ = select.select(watched[:1], [], [], 0)

    def _work_waits(self) -> bool:
        return not self._draining and any(seat.consumer is None and seat.not_before <= time.monotonic() for seat in self._seats)

    def _pass_on_orders(self) -> None:
        if self._killing:
            self._signal_all(signal.SIGKILL)
        elif self._draining:
            self._tell_to_leave()

    def _end_the_overdue(self) -> None:
        for seat in self._seats:
            running = self.slots.read(seat.slot)
            if running is not None and seat.pid is not None and running.deadline <= time.monotonic():
                seat.overdue = running
                self.nursery.signal(seat.pid, signal.SIGKILL)

    def _tell_to_leave(self) -> None:
        for seat in self._seats:  # also one of whose fork the news came after the order to drain
            if seat.pid is not None and seat.told != seat.pid:
                seat.told = seat.pid
                self.nursery.signal(seat.pid, signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        for seat in self._seats:
            if seat.pid is not None:
                self.nursery.signal(seat.pid, number)

    def _bury(self, news: Died) -> None:
        seat = self._seats[news.slot]
        assert seat.consumer is not None  # noqa: S101  a child is forked for a consumer
        if seat.overdue is not None:
            self._bury_overdue(seat, seat.overdue)
            return
        accident = not (news.clean or self._killing or (self._draining and news.by(signal.SIGTERM)))
        if accident:
            self.reporter.report(Lost(consumer=seat.consumer, pid=news.pid, reason=news.reason, cause=news.cause))
        ran = self.slots.read(news.slot)
        self.slots.end(news.slot)  # the next child of this slot has not begun anything
        between_tasks = seat.executor is Executor.PROCESS and ran is None
        blame = accident and not between_tasks
        self._dead.append(_Dead(seat.consumer, _cause(news, accident=accident), blame, ran.task_id if ran else ""))
        self._count_early_death(seat, accident=accident)
        seat.consumer = seat.pid = None

    def _bury_overdue(self, seat: _Seat, running: Running) -> None:
        """A child that was ended because its task did not end: the task is over, and nothing else is to blame."""
        assert seat.consumer is not None  # noqa: S101  a child is forked for a consumer
        seconds = running.deadline - running.since
        message = f"the task did not end within {seconds:g} s; the child that ran it was ended"
        failure = Failure("TaskTimeout", message, retryable=True)
        self._timed_out.append(StoreEnded(running.task_id, running.fence, Failed(failure)))
        self._dead.append(_Dead(seat.consumer, "its task ran too long", blame=False))
        self.slots.end(seat.slot)
        seat.consumer = seat.pid = seat.overdue = None

    def _end_timed_out(self) -> None:
        """Complete what ran too long, under the fence of the child that is gone. Before what else it held is handed on."""
        if not self._timed_out:
            return
        self.store.run(Complete(tuple(self._timed_out)))
        for ended in self._timed_out:
            record = self.store.run(Read(ended.id))
            if record is not None and record.error is not None:
                self.reporter.report(_cut_short(record, record.error["message"], Result.TIMEOUT, "TaskTimeout"))
        self._timed_out.clear()

    def _count_early_death(self, seat: _Seat, *, accident: bool) -> None:
        young = time.monotonic() - seat.since < YOUNG
        seat.early_deaths = seat.early_deaths + 1 if accident and young else 0
        pause = min(LONGEST_PAUSE, 0.1 * 2.0**seat.early_deaths) if seat.early_deaths > 1 else 0.0
        seat.not_before = time.monotonic() + pause

    def _hand_on_the_dead(self) -> None:
        self._end_timed_out()
        while self._dead:
            dead = self._dead[0]
            call = HandOn(dead.consumer, dead.cause, blame=dead.blame, max_deaths=self.max_deliveries, ran=dead.ran)
            handed = self.store.run(call)
            self._dead.pop(0)
            self._report_handed_on(dead, handed)

    def _report_handed_on(self, dead: _Dead, handed: HandedOnReply) -> None:
        if not handed.requeued and not handed.buried:
            return
        event = HandedOn(consumer=dead.consumer, cause=dead.cause, requeued=handed.requeued, buried=handed.buried)
        self.reporter.report(event)
        if dead.blame:
            for task_id in [dead.ran] if dead.ran else (*handed.requeued, *handed.buried):
                record = self.store.run(Read(task_id))
                if record is not None:
                    self.reporter.report(_cut_short(record, dead.cause, Result.ERROR, "WorkerLost"))

    def _fill_seats(self) -> None:
        for seat in self._seats:
            if seat.consumer is None and not self._draining and seat.not_before <= time.monotonic():
                consumer = self.name(seat.slot)
                executors = self.seating.lines_of(seat.executor)
                self.store.run(Register(consumer, self.queues, self.lease, {"kind": seat.executor}, (), executors))
                seat.consumer, seat.since = consumer, time.monotonic()
                self.nursery.fork(seat.slot, consumer)

    def _collapse(self) -> None:
        for seat in self._seats:
            if seat.consumer is not None:
                self._dead.append(_Dead(seat.consumer, "its worker's nursery died", blame=False))
                seat.consumer = seat.pid = None
        self._draining = True
        try:
            self._hand_on_the_dead()
        finally:
            self.on_collapse()


def _cause(news: Died, *, accident: bool) -> str:
    if news.clean:
        return "it left"
    return f"the child was {news.cause}" if accident else "the worker was stopped"


def _cut_short(record: Record, cause: str, result: Result, error_type: str) -> Ended:
    """The end of an attempt that nobody is left to report."""
    now = record.ended_at or record.queued_at or record.submitted_at
    started = record.started_at or now
    return Ended(
        task_id=record.id,
        kind=record.kind,
        queue=record.queue,
        attempt=record.attempt,
        result=result,
        duration=max(0.0, (now - started).total_seconds()),
        since_submit=max(0.0, (now - record.submitted_at).total_seconds()),
        error_type=error_type,
        error_message=cause,
        traceparent=record.traceparent,
    )
