"""What a client is told, made of what the store keeps."""

from typing import Any

from heavylift.batch import Batch
from heavylift.batch_story import BatchEnd, BatchEventName, BatchHappening
from heavylift.catalogue import Kind
from heavylift.claim_check import ClaimCheck
from heavylift.client.values import (
    Attempt,
    BatchEndEvent,
    BatchEvent,
    BatchState,
    Condition,
    CountsEvent,
    DeadGroup,
    DroppedEvent,
    EndedEvent,
    EndEvent,
    Estimate,
    EventError,
    KindInfo,
    LargeObject,
    LogEvent,
    Pool,
    ProgressEvent,
    QueuePause,
    Receipt,
    RunningTask,
    ScalingState,
    StateEvent,
    Steering,
    Task,
    TaskError,
    TaskEvent,
    TaskSummary,
    Why,
    Worker,
)
from heavylift.explaining import Explanation
from heavylift.history import PastAttempt
from heavylift.record import Accepted, Record, Standing, read_value
from heavylift.store import calls
from heavylift.story import Event, EventName
from heavylift.telemetry.traceparent import Traceparent


def receipt(accepted: Accepted) -> Receipt:
    """The receipt of a task."""
    return Receipt(
        id=accepted.id,
        kind=accepted.kind,
        queue=accepted.queue,
        state=accepted.state,
        submitted_at=accepted.submitted_at,
        trace_id=_trace_id(accepted.traceparent) or "",
        existing=accepted.existing,
        debounced=accepted.debounced,
        replayed=accepted.standing is Standing.REPEATED,
    )


def task(record: Record) -> Task:
    """All of a task."""
    payload = read_value(record.payload)
    return Task(
        **_summary(record),
        form=record.form,
        payload=None if isinstance(payload, ClaimCheck) else payload,
        payload_object=_large(payload),
        result=None if isinstance(record.result, ClaimCheck) else record.result,
        result_object=_large(record.result),
    )


def _large(value: Any) -> LargeObject | None:
    return LargeObject(bytes=value.size, sha256=value.sha256) if isinstance(value, ClaimCheck) else None


def summary(record: Record) -> TaskSummary:
    """A task as lists show it."""
    return TaskSummary(**_summary(record))


def attempt(past: PastAttempt) -> Attempt:
    """An attempt that did not succeed."""
    return Attempt(**_alike(past, Attempt))


def why(known: Explanation) -> Why:
    """Why a task is where it is."""
    pause, estimate = known.pause, known.estimate
    return Why(
        **_alike(known, Why)
        | {
            "pause": QueuePause(since=pause.since, until=pause.ends_at, by=pause.by, reason=pause.reason) if pause else None,
            "estimate": Estimate(starts_at=estimate.starts_at, basis=estimate.basis) if estimate else None,
        }
    )


def batch(known: Batch) -> BatchState:
    """What has become of a batch."""
    counts = {name: getattr(known, name) for name in ("made", "succeeded", "failed", "cancelled", "expired")}
    return BatchState(
        id=known.id,
        created_at=known.created_at,
        ended_at=known.ended_at,
        expected=known.items,
        existing=known.spared,
        pending=known.awaited,
        **counts,
    )


def kind(known: Kind) -> KindInfo:
    """A kind."""
    schemas = {"payload_schema": dict(known.payload_schema), "result_schema": dict(known.result_schema)}
    return KindInfo(**_alike(known, KindInfo) | schemas)


def group(dead: calls.DeadGroup) -> DeadGroup:
    """Dead letters that have much in common."""
    error = dead.error or {}
    shared = {name: getattr(dead, name) for name in ("kind", "queue", "reason", "fingerprint", "tenant", "count")}
    return DeadGroup(
        **shared,
        first_at=dead.first_died_at,
        last_at=dead.last_died_at,
        error_type=error.get("type"),
        message=error.get("message"),
    )


def scaling(known: calls.Scaling) -> ScalingState:
    """What the autoscaler decided."""
    report = known.report
    if report is None:
        return ScalingState(at=None, leader=None, pools=(), unserved={})
    pools = tuple(_pool(decision, known.steering.get(decision.pool)) for decision in report.decisions)
    return ScalingState(at=report.at, leader=report.leader, pools=pools, unserved=dict(report.unserved))


def worker(known: calls.Worker) -> Worker:
    """A child of a worker."""
    return Worker(
        name=known.consumer,
        host=calls.host_of(known.consumer),
        queues=known.queues,
        executors=known.executors,
        lease_ends_at=known.lease_ends,
        rests=known.rests,
        in_hand=known.in_hand,
        running=tuple(RunningTask(**_alike(task, RunningTask)) for task in known.running),
    )


def event(told: Event, record: Record | None) -> TaskEvent | None:
    """An event of the story of a task. ``record`` is that of a task that has ended; without it its end is left out."""
    place, data = str(told.place), told.data
    match told.name:
        case EventName.STATE:
            error = data.get("error")
            return StateEvent(id=place, **data | {"error": EventError(**error) if error else None})
        case EventName.PROGRESS:
            return ProgressEvent(id=place, **data)
        case EventName.LOG:
            return LogEvent(id=place, **data)
        case EventName.DROPPED:
            return DroppedEvent(**data)
        case EventName.END:
            ended = record is not None and record.ended
            return (
                EndEvent(id=place, task=summary(record), result=None if isinstance(record.result, ClaimCheck) else record.result)
                if record and ended
                else None
            )


def batch_event(told: BatchHappening) -> BatchEvent:
    """An event of the story of a batch."""
    if isinstance(told.data, BatchEnd):
        return EndedEvent(id=told.id or "", task_id=told.data.id, state=told.data.state)
    if told.name is BatchEventName.END:
        return BatchEndEvent(id=told.id or "", batch=batch(told.data))
    return CountsEvent(batch=batch(told.data))


def _summary(record: Record) -> dict[str, Any]:
    known = _alike(record, TaskSummary)
    return known | {"error": _error(record.error), "trace_id": _trace_id(record.traceparent)}


def _alike(known: object, value: type[Any]) -> dict[str, Any]:
    names = value.__dataclass_fields__
    return {name: getattr(known, name) for name in names if hasattr(known, name)}


def _error(raw: Any) -> TaskError | None:
    if raw is None:
        return None
    names = TaskError.__dataclass_fields__
    return TaskError(**{name: raw[name] for name in names if name in raw} | {"details": tuple(raw.get("details", ()))})


def _trace_id(traceparent: str) -> str | None:
    found = Traceparent.parse(traceparent)
    return None if found is None else found.trace_id


def _pool(decision: calls.PoolDecision, steering: calls.Steering | None) -> Pool:
    given = {
        "name": decision.pool,
        "steering": Steering(**_alike(steering, Steering)) if steering else None,
        "conditions": tuple(Condition(type=told.type, message=told.message) for told in decision.conditions),
    }
    return Pool(**_alike(decision, Pool) | given)
