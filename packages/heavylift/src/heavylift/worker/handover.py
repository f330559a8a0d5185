"""What the dead held, on its way to others. What the store did not take stays here and is told again."""

from collections import deque

from heavylift.record import Record
from heavylift.store.calls import Complete, Ended, HandOn, Read
from heavylift.store.calls import HandedOn as Reply
from heavylift.store.redis import RedisStore
from heavylift.telemetry import AttemptEnded, Reporter, Result, TasksHandedOn
from heavylift.worker.burial import Dead


class Handover:
    """Ends consumers in the store, in the order of their deaths."""

    def __init__(self, store: RedisStore, reporter: Reporter, *, max_deliveries: int) -> None:
        self._store = store
        self._reporter = reporter
        self._max_deliveries = max_deliveries
        self._waiting: deque[Dead] = deque()

    @property
    def finished(self) -> bool:
        """Whether the store has heard of every death."""
        return not self._waiting

    def add(self, dead: Dead) -> None:
        """Take a death in hand."""
        self._waiting.append(dead)

    def run(self) -> None:
        """Tell the store of every death that it has not heard of. Raises HeavyliftError, and goes on there at the next call."""
        while self._waiting:
            dead = self._waiting[0]
            if dead.overdue is not None:
                self._end(dead.overdue)
            self._hand_on(dead)
            self._waiting.popleft()

    def _end(self, overdue: Ended) -> None:
        """Under the fence of the child that is gone, before what else it held is handed on. Repeating it changes nothing."""
        (committed,) = self._store.run(Complete((overdue,)))
        record = self._store.run(Read(overdue.id)) if committed else None
        if record is not None and record.error is not None:
            self._reporter.report(_cut_short(record, record.error["message"], Result.TIMEOUT, "TaskTimeout"))

    def _hand_on(self, dead: Dead) -> None:
        call = HandOn(dead.consumer, dead.cause, blame=dead.blame, max_deaths=self._max_deliveries, ran=dead.ran)
        handed = self._store.run(call)
        if handed.requeued or handed.buried:
            self._report(dead, handed)

    def _report(self, dead: Dead, handed: Reply) -> None:
        event = TasksHandedOn(consumer=dead.consumer, cause=dead.cause, requeued=handed.requeued, buried=handed.buried)
        self._reporter.report(event)
        if dead.blame:
            for task_id in [dead.ran] if dead.ran else (*handed.requeued, *handed.buried):
                record = self._store.run(Read(task_id))
                if record is not None:
                    self._reporter.report(_cut_short(record, dead.cause, Result.ERROR, "WorkerLost"))


def _cut_short(record: Record, cause: str, result: Result, error_type: str) -> AttemptEnded:
    """The end of an attempt that nobody is left to report."""
    now = record.ended_at or record.queued_at or record.submitted_at
    started = record.started_at or now
    return AttemptEnded(
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
