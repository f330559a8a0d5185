"""One run of a function: that it begins, and that it is over."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from heavylift.outcome import Cancelled, Failed, Outcome, Retry, Succeeded
from heavylift.record import Delivery
from heavylift.state import FailureReason
from heavylift.store.calls import Memo
from heavylift.telemetry import AttemptEnded, DeadLettered, Reporter, Result, Started, TasksClaimed
from heavylift.telemetry.logs import bind_task
from heavylift.worker.running import Run

LONGEST_MESSAGE: Final = 300  # characters in the fact; the record has all of it
LONGEST_VALUE: Final = 300  # characters of a payload or a result in a fact
_RESULTS: Final = {Succeeded: Result.SUCCESS, Failed: Result.FAILURE, Retry: Result.RETRY, Cancelled: Result.CANCELLATION}


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a run ended, and its seconds.

    ``called_off``: it knew that somebody wanted it to stop. ``lost``: it knew that others have the task by now.
    ``last_words`` gives what it said and nobody has told yet; it may wait for whoever is telling.
    """

    delivery: Delivery
    outcome: Outcome
    duration: float
    called_off: bool = False
    lost: bool = False
    last_words: Callable[[], tuple[Memo, ...]] | None = None


def parted(attempt: Attempt, run: Run) -> Attempt:
    """The attempt, with what its run leaves behind."""
    return replace(attempt, called_off=run.cancelled, lost=run.lost, last_words=run.last_words if run.spoke else None)


@contextmanager
def begun(delivery: Delivery, reporter: Reporter) -> Iterator[None]:
    """What surrounds a run, in the thread or asyncio task that runs it: its start is told, its log lines carry its fields."""
    with bind_task(delivery.id, delivery.kind, delivery.queue, delivery.attempt):
        reporter.report(_started_event(delivery))
        yield


def _started_event(delivery: Delivery) -> Started:
    return Started(
        task_id=delivery.id,
        kind=delivery.kind,
        queue=delivery.queue,
        attempt=delivery.attempt,
        queued_at=delivery.queued_at.timestamp(),
        started_at=delivery.started_at.timestamp(),
        traceparent=delivery.traceparent,
        payload=delivery.payload[:LONGEST_VALUE],
    )


def claimed_events(deliveries: Sequence[Delivery]) -> list[TasksClaimed]:
    """The facts that these were taken in hand, one for all of the same kind."""
    waits: defaultdict[tuple[str, str, bool], list[float]] = defaultdict(list)
    traceparents: dict[tuple[str, str, bool], str] = {}
    for d in deliveries:
        key = (d.kind, d.queue, d.deaths > 0)
        waits[key].append(max(0.0, (d.started_at - d.queued_at).total_seconds()))
        traceparents[key] = d.traceparent
    return [
        TasksClaimed(kind=kind, queue=queue, redelivered=again, waits=tuple(of), traceparent=traceparents[kind, queue, again])
        for (kind, queue, again), of in waits.items()
    ]


def dead_event(attempt: Attempt) -> DeadLettered | None:
    """The fact that a task is a dead letter, None where this end makes none. For an end that the store has taken."""
    delivery, outcome = attempt.delivery, attempt.outcome
    if not isinstance(outcome, Failed):
        return None
    return DeadLettered(
        task_id=delivery.id,
        kind=delivery.kind,
        queue=delivery.queue,
        reason=outcome.reason,
        fingerprint=outcome.error.fingerprint,
        attempt=delivery.attempt,
        error_type=outcome.error.type,
        traceparent=delivery.traceparent,
    )


def ended_event(attempt: Attempt, *, committed: bool) -> AttemptEnded:
    """The fact that an attempt is over. ``committed`` says whether the store took its end."""
    delivery, outcome = attempt.delivery, attempt.outcome
    failure = outcome.error if isinstance(outcome, Failed | Retry) else None
    return AttemptEnded(
        task_id=delivery.id,
        kind=delivery.kind,
        queue=delivery.queue,
        attempt=delivery.attempt,
        result=_result(attempt),
        duration=attempt.duration,
        since_submit=max(0.0, (delivery.started_at - delivery.submitted_at).total_seconds()) + attempt.duration,
        committed=committed,
        error_type=failure.type if failure else None,
        error_message=failure.message[:LONGEST_MESSAGE] if failure else None,
        delay=outcome.delay if isinstance(outcome, Retry) and not attempt.called_off else None,
        traceparent=delivery.traceparent,
        returned=outcome.result[:LONGEST_VALUE] if isinstance(outcome, Succeeded) else "",
    )


def _result(attempt: Attempt) -> Result:
    outcome = attempt.outcome
    if attempt.called_off and isinstance(outcome, Failed | Retry):
        return Result.CANCELLATION  # the store ends it as cancelled, whatever its error
    timed_out = isinstance(outcome, Failed) and outcome.reason is FailureReason.TIMED_OUT
    return Result.TIMEOUT if timed_out else _RESULTS[type(outcome)]
