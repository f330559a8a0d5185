"""A child: claims for itself, runs one task at a time, records how it ended, and claims the next in the same round trip."""

import random
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from celery import Celery

from heavylift.errors import HeavyliftError, LeaseLost
from heavylift.outcome import Cancelled, Failed, Retry, Succeeded
from heavylift.record import Delivery
from heavylift.settings import WorkerSettings
from heavylift.store.calls import Call, Claim, Ended, HandOn, Register, Waiting, conclude
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Claimed, Reporter, Result, Started, StoreTrouble
from heavylift.telemetry import Ended as EndedEvent
from heavylift.telemetry.logs import bind_task
from heavylift.worker.execute import Attempt, Executor
from heavylift.worker.slots import Running, Slots

LONGEST_WAIT: Final = 2.0  # seconds of one blocking read; well below the socket's timeout, so that a dead Redis is noticed
FIRST_PAUSE: Final = 0.05  # seconds before the next question to a Redis that does not answer; doubled each time
LONGEST_PAUSE: Final = 1.0


class _Leave(BaseException):
    """Raised by SIGTERM into a child that has nothing in hand."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a child stands: its row in the slots, its name as a consumer, and the queues it serves."""

    slot: int
    consumer: str
    queues: tuple[str, ...]


class Child:
    """One process' work from its first claim to its end."""

    def __init__(
        self,
        place: Place,
        *,
        app: Celery,
        store: RedisStore,
        slots: Slots,
        reporter: Reporter,
        settings: WorkerSettings,
        hostname: str,
    ) -> None:
        self._place = place
        self._store = store
        self._slots = slots
        self._reporter = reporter
        self._settings = settings
        self._executor = Executor(app, hostname=hostname)
        self._leaving = False
        self._idle = False

    def work(self) -> None:
        """Claim, run, record and report, until asked to leave or old enough to be replaced.

        What it may still hold at its end, an entry that came in the last moment, is handed on by the guardian.
        """
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        done = 0
        deliveries: tuple[Delivery, ...] = ()
        try:
            while not self._leaving and not 0 < self._settings.max_tasks_per_child <= done:
                deliveries = deliveries or self._claim_next()
                attempts = [self._execute(delivery) for delivery in deliveries]
                done += len(attempts)
                last = self._leaving or 0 < self._settings.max_tasks_per_child <= done
                deliveries = self._record(attempts, and_claim=not last)
        except _Leave:
            return

    def _execute(self, delivery: Delivery) -> Attempt:
        with ExitStack() as context:
            context.enter_context(bind_task(delivery.id, delivery.kind, delivery.queue, delivery.attempt))
            self._report_started(delivery)
            self._slots.begin(self._place.slot, Running(delivery.id, delivery.fence, time.time()))
            context.callback(self._slots.end, self._place.slot)
            return self._executor.execute(delivery)

    def _claim_next(self) -> tuple[Delivery, ...]:
        """Sleep until a task is in hand, or until it is time to leave."""
        deliveries = self._record([], and_claim=True)
        while not deliveries and not self._leaving:
            waiting = self._wait()
            deliveries = self._record([], and_claim=True, waiting=waiting)
        return deliveries

    def _wait(self) -> tuple[Waiting, ...]:
        self._idle = True
        try:
            if self._leaving:
                raise _Leave
            return self._store.wait(self._place.consumer, self._place.queues, LONGEST_WAIT)
        except HeavyliftError as error:
            self._start_over([], error)
            return ()
        finally:
            self._idle = False

    def _record(self, attempts: Sequence[Attempt], *, and_claim: bool, waiting: tuple[Waiting, ...] = ()) -> tuple[Delivery, ...]:
        """Carry what ended to the store and claim what comes next, in one round trip."""
        ended = [Ended(attempt.delivery.id, attempt.delivery.fence, attempt.outcome) for attempt in attempts]
        conclusions = conclude(ended)
        calls: list[Call[Any]] = [*conclusions]
        if and_claim:
            calls.append(Claim(self._place.consumer, self._place.queues, 1, waiting))
        replies = self._ask(calls)
        committed = [flag for reply in replies[: len(conclusions)] for flag in reply]
        self._report_ended(attempts, committed)
        return self._report_claimed(replies[-1]) if and_claim and len(replies) == len(calls) else ()

    def _ask(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """The replies to all calls. When the store fails, those of the conclusions only: nothing is claimed in that turn."""
        if not calls:
            return []
        try:
            replies = self._store.run_all(calls)
            for reply in replies:
                if isinstance(reply, HeavyliftError):
                    raise reply
        except HeavyliftError as error:
            return self._start_over([call for call in calls if not isinstance(call, Claim)], error)
        return replies

    def _start_over(self, conclusions: Sequence[Call[Any]], error: HeavyliftError) -> list[Any]:
        """After trouble: deliver what ended, give back what a lost answer may have claimed, and register anew.

        The conclusions may have arrived already; repeating them is safe under their fence. Tried until the store answers.
        """
        register = Register(self._place.consumer, self._place.queues, self._settings.lease, {})
        give_back = HandOn(
            self._place.consumer, "its connection to Redis failed", blame=False, max_deaths=self._settings.max_deliveries
        )
        pause = 0.0 if isinstance(error, LeaseLost) else FIRST_PAUSE
        while True:
            if not isinstance(error, LeaseLost):
                self._reporter.report(StoreTrouble(component="child", error_type=type(error).__name__, message=str(error)))
            self._sleep(pause, interruptible=not conclusions)
            try:
                # One by one: giving back before the conclusions have arrived would take away what they conclude.
                replies = [self._store.run(call) for call in conclusions]
                self._store.run(give_back)
                self._store.run(register)
            except HeavyliftError as again:
                error = again
                pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, pause * 2)) * random.uniform(0.8, 1.2)  # noqa: S311
            else:
                return replies

    def _sleep(self, seconds: float, *, interruptible: bool) -> None:
        self._idle = interruptible
        try:
            if self._leaving and interruptible:
                raise _Leave
            time.sleep(seconds)
        finally:
            self._idle = False

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._leaving = True
        if self._idle:
            raise _Leave

    def _report_claimed(self, deliveries: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
        for delivery in deliveries:
            self._reporter.report(_claimed_event(delivery))
        return deliveries

    def _report_started(self, delivery: Delivery) -> None:
        self._reporter.report(
            Started(
                task_id=delivery.id,
                kind=delivery.kind,
                queue=delivery.queue,
                attempt=delivery.attempt,
                queued_at=delivery.queued_at.timestamp(),
                started_at=delivery.started_at.timestamp(),
                traceparent=delivery.traceparent,
            )
        )

    def _report_ended(self, attempts: Sequence[Attempt], committed: Sequence[bool]) -> None:
        over = [attempt for attempt in attempts if not isinstance(attempt.outcome, Retry)]
        again = [attempt for attempt in attempts if isinstance(attempt.outcome, Retry)]
        for attempt, was_committed in zip([*over, *again], committed, strict=True):
            self._reporter.report(ended_event(attempt, committed=was_committed))


def _claimed_event(delivery: Delivery) -> Claimed:
    return Claimed(
        task_id=delivery.id, kind=delivery.kind, queue=delivery.queue, attempt=delivery.attempt, deaths=delivery.deaths
    )


def ended_event(attempt: Attempt, *, committed: bool) -> EndedEvent:
    """The fact that an attempt is over."""
    delivery, outcome = attempt.delivery, attempt.outcome
    failure = outcome.error if isinstance(outcome, Failed | Retry) else None
    return EndedEvent(
        task_id=delivery.id,
        kind=delivery.kind,
        queue=delivery.queue,
        attempt=delivery.attempt,
        result=_RESULTS[type(outcome)],
        duration=attempt.duration,
        since_submit=max(0.0, (delivery.started_at - delivery.submitted_at).total_seconds()) + attempt.duration,
        committed=committed,
        error_type=failure.type if failure else None,
        error_message=failure.message if failure else None,
        delay=outcome.delay if isinstance(outcome, Retry) else None,
        traceparent=delivery.traceparent,
    )


_RESULTS: Final = {Succeeded: Result.SUCCESS, Failed: Result.FAILURE, Retry: Result.RETRY, Cancelled: Result.CANCELLATION}
