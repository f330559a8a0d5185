"""The facts that attempts are over, where the child that ran them cannot report it any more."""

from heavylift.outcome import Failed, Retry
from heavylift.record import Record
from heavylift.store.calls import HandedOn
from heavylift.telemetry import AttemptEnded, DeadLettered, Result, TasksHandedOn


def handed_on(handed: HandedOn, cause: str) -> TasksHandedOn:
    """What a consumer held was taken from it."""
    return TasksHandedOn(
        consumer=handed.consumer, cause=cause, requeued=handed.requeued, buried=handed.buried, cancelled=handed.cancelled
    )


def timed_out(record: Record, outcome: Failed | Retry, *, duration: float) -> AttemptEnded:
    """Its time limit ended it, ``duration`` seconds after its start. ``record`` is from before that."""
    result, delay = (Result.RETRY, outcome.delay) if isinstance(outcome, Retry) else (Result.TIMEOUT, None)
    error = outcome.error
    return _ended(record, result=result, duration=duration, error_type=error.type, error_message=error.message, delay=delay)


def worker_lost(record: Record, words: str) -> AttemptEnded:
    """Its child died, as ``words`` say. ``record`` is from after its tasks were handed on."""
    return _ended(record, result=Result.ERROR, duration=_seconds(record), error_type="WorkerLost", error_message=words)


def dead_lettered(record: Record) -> DeadLettered | None:
    """It is a dead letter now, or None when it is not. ``record`` is from after its end."""
    if record.reason is None:
        return None
    return DeadLettered(
        task_id=record.id,
        kind=record.kind,
        queue=record.queue,
        reason=record.reason,
        fingerprint=record.fingerprint or "",
        attempt=record.attempt,
        error_type=(record.error or {}).get("type", ""),
        traceparent=record.traceparent,
    )


def called_off(record: Record, words: str) -> AttemptEnded:
    """It was cancelled at the end of its child. ``record`` is from after that."""
    return _ended(record, result=Result.CANCELLATION, duration=_seconds(record), error_type=None, error_message=words)


def _seconds(record: Record) -> float:
    now = record.ended_at or record.queued_at or record.submitted_at
    return max(0.0, (now - (record.started_at or now)).total_seconds())


def _ended(
    record: Record, *, result: Result, duration: float, error_type: str | None, error_message: str, delay: float | None = None
) -> AttemptEnded:
    waited = (record.started_at - record.submitted_at).total_seconds() if record.started_at else 0.0
    return AttemptEnded(
        task_id=record.id,
        kind=record.kind,
        queue=record.queue,
        attempt=record.attempt,
        result=result,
        duration=duration,
        since_submit=max(0.0, waited) + duration,
        error_type=error_type,
        error_message=error_message,
        delay=delay,
        traceparent=record.traceparent,
    )
