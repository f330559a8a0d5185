"""What the dead held, on its way to others. What the store did not take stays here and is told again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from heavylift.errors import HeavyliftError, StoreUnavailable, TaskTimeout
from heavylift.fingerprint import fingerprint
from heavylift.outcome import Failed, Failure, Retry
from heavylift.record import Record
from heavylift.retry import RetryPolicy, pause_before_retry
from heavylift.state import FailureReason
from heavylift.store.calls import Ended, HandedOn, HandOn, Read, conclusions_of
from heavylift.store.redis import RedisStore
from heavylift.telemetry import AttemptEnded, Reporter, StoreTrouble
from heavylift.worker.burial import Dead
from heavylift.worker.cut_short import called_off, dead_lettered, handed_on, timed_out, worker_lost
from heavylift.worker.slots import Running

FIRST_PAUSE: Final = 0.5  # seconds before a death that Redis refused is told again; doubled each time
LONGEST_PAUSE: Final = 30.0

PolicyOf = Callable[[str], RetryPolicy]  #: The retry policy of a kind, by its name.


@dataclass(slots=True)
class _Case:
    dead: Dead
    pause: float = FIRST_PAUSE
    not_before: float = 0.0

    def put_off(self) -> None:
        self.not_before = time.monotonic() + self.pause
        self.pause = min(LONGEST_PAUSE, 2 * self.pause)


class Handover:
    """Ends consumers in the store, in the order of their deaths. One that Redis refuses does not hold up the others."""

    def __init__(self, store: RedisStore, reporter: Reporter, *, max_deliveries: int, policy_of: PolicyOf) -> None:
        self._store = store
        self._reporter = reporter
        self._max_deliveries = max_deliveries
        self._policy_of = policy_of
        self._cases: list[_Case] = []

    @property
    def finished(self) -> bool:
        """Whether the store has heard of every death."""
        return not self._cases

    def add(self, dead: Dead) -> None:
        """Take a death in hand."""
        self._cases.append(_Case(dead))

    def run(self) -> None:
        """Tell the store of every death that it has not heard of. Raises StoreUnavailable, and goes on there at the next call."""
        for case in [case for case in self._cases if case.not_before <= time.monotonic()]:
            try:
                self._settle(case.dead)
            except StoreUnavailable:
                raise
            except HeavyliftError as error:
                self._reporter.report(StoreTrouble(component="handover", error_type=type(error).__name__, message=str(error)))
                case.put_off()
            else:
                self._cases.remove(case)

    def _settle(self, dead: Dead) -> None:
        if dead.overdue is not None:
            self._end(dead.overdue, dead.death.words)
        call = HandOn(
            dead.consumer,
            dead.death.words,
            blame=dead.blame,
            max_deaths=self._max_deliveries,
            ran=dead.ran.task_id if dead.ran else "",
        )
        handed = self._store.run(call)
        if handed.requeued or handed.buried or handed.cancelled:
            self._report(dead, handed)

    def _end(self, overdue: Running, words: str) -> None:
        """Under the fence of the child that is gone, before what else it held is handed on. Repeating it changes nothing."""
        record = self._store.run(Read(overdue.task_id))
        if record is None:
            return
        outcome = self._outcome_of_timeout(record, words)
        (call,) = conclusions_of([Ended(record.id, overdue.fence, outcome)])
        after = self._store.run(Read(record.id)) if self._store.run(call) == (True,) else None
        if after is not None and (after.error or {}).get("message") == words:  # else the child itself was just in time to end it
            self._reporter.report(timed_out(record, outcome, duration=time.monotonic() - overdue.since))
            self._report_dead(after)

    def _outcome_of_timeout(self, record: Record, words: str) -> Failed | Retry:
        error = TaskTimeout(words)
        failure = Failure("TaskTimeout", words, retryable=True, fingerprint=fingerprint(error))
        policy = self._policy_of(record.kind)
        pause = pause_before_retry(policy, error, attempt=record.attempt, max_attempts=record.max_attempts)
        return Failed(failure, FailureReason.TIMED_OUT) if pause is None else Retry(pause, failure)

    def _report(self, dead: Dead, handed: HandedOn) -> None:
        words = dead.death.words
        if dead.ran is not None and dead.ran.task_id in handed.cancelled:
            self._report_of(dead.ran.task_id, lambda record: called_off(record, words))
        self._reporter.report(handed_on(handed, words))
        if dead.blame:
            for task_id in [dead.ran.task_id] if dead.ran else (*handed.requeued, *handed.buried):
                self._report_of(task_id, lambda record: worker_lost(record, words))

    def _report_of(self, task_id: str, event_of: Callable[[Record], AttemptEnded]) -> None:
        record = self._store.run(Read(task_id))
        if record is not None:
            self._reporter.report(event_of(record))
            self._report_dead(record)

    def _report_dead(self, record: Record) -> None:
        dead = dead_lettered(record)
        if dead is not None:
            self._reporter.report(dead)
