"""How a task looks from outside."""

from typing import Any, Final
from urllib.parse import quote, urlencode

from heavylift.claim_check import ClaimCheck
from heavylift.history import PastAttempt
from heavylift.record import Accepted, Record, read_value
from heavylift.state import State
from heavylift.store.by_filter import Tally
from heavylift.store.calls import DeadGroup
from heavylift.story import Event
from heavylift.telemetry.traceparent import Traceparent
from heavylift_api.callers import Caller
from heavylift_api.catalogue import KnownKind
from heavylift_api.dead_letter_shapes import AttemptView, BulkOutcome, DeadLetterGroup
from heavylift_api.event_shapes import EndEvent
from heavylift_api.schemas import KindView, ObjectView, RetryView, TaskAccepted, TaskSummary, TaskView

LONG_POLL: Final = 30  #: Seconds in the link that waits: below every proxy's idle timeout that we know of.

#: Of an error, what is not taken out of the payload: logs show as much.
_ERROR_SHOWN = ("type", "message", "retryable")


def accepted_view(accepted: Accepted) -> TaskAccepted:
    """The answer to a submission."""
    return TaskAccepted(
        id=accepted.id,
        kind=accepted.kind,
        queue=accepted.queue,
        state=accepted.state,
        submitted_at=accepted.submitted_at,
        trace_id=trace_id(accepted.traceparent) or "",
        href=task_href(accepted.id),
        existing=accepted.existing,
        debounced=accepted.debounced,
    )


def task_view(record: Record, caller: Caller) -> TaskView:
    """All of a task that ``caller`` may see."""
    payload = read_value(record.payload)
    return TaskView(
        **_summary(record, caller),
        form=record.form,
        redacted=not caller.sees_payloads,
        **_carried(record.id, "payload", payload, caller),
        **_carried(record.id, "result", record.result, caller),
    )


def line_of(event: Event, caller: Caller) -> dict[str, Any]:
    """A line of a log: what it says may be what the task was given, so it is shown to those who may see that."""
    return event.data if caller.sees_payloads else event.data | {"message": None, "fields": {}}


def end_view(record: Record, caller: Caller) -> EndEvent:
    """The end of a task, for those who follow it."""
    result = _carried(record.id, "result", record.result, caller)
    return EndEvent(**_summary(record, caller), **result, redacted=not caller.sees_payloads)


def task_summary(record: Record, caller: Caller) -> TaskSummary:
    """A task as lists show it."""
    return TaskSummary(**_summary(record, caller))


def error_view(error: Any, caller: Caller) -> Any:
    """An error as ``caller`` may see it: what quotes what the task was given goes with the payload."""
    if caller.sees_payloads or not isinstance(error, dict):
        return error
    return {name: error.get(name) for name in _ERROR_SHOWN} | {"details": [], "traceback": None, "exception": None}


def kind_view(known: KnownKind) -> KindView:
    """A kind as it was published."""
    kind = known.kind
    policy = kind.retry
    return KindView(
        name=kind.name,
        description=kind.description,
        form=kind.form,
        queue=kind.queue,
        priority=kind.priority,
        timeout=kind.timeout,
        retry=RetryView(max_attempts=policy.max_attempts, base=policy.base, factor=policy.factor, cap=policy.cap),
        payload_schema=dict(kind.payload_schema),
        result_schema=dict(kind.result_schema),
        version=known.version,
        href=kind_href(kind.name),
    )


def attempt_view(past: PastAttempt, former_payload: str | None, caller: Caller) -> AttemptView:
    """An attempt that did not succeed, or a replay, with what the task was given before it."""
    shown = {name: getattr(past, name) for name in AttemptView.model_fields if hasattr(past, name)}
    seen = former_payload is not None and caller.sees_payloads
    return AttemptView(**shown, former_payload=_former(former_payload) if former_payload and seen else None)


def group_view(group: DeadGroup, path: str) -> DeadLetterGroup:
    """Dead letters that have much in common. ``path`` is where dead letters are listed."""
    error = group.error or {}
    by = {"kind": group.kind, "queue": group.queue, "reason": group.reason, "fingerprint": group.fingerprint}
    where = by | {"tenant": group.tenant} if group.tenant else by
    return DeadLetterGroup(
        **by,
        tenant=group.tenant,
        count=group.count,
        first_at=group.first_died_at,
        last_at=group.last_died_at,
        error_type=error.get("type"),
        message=error.get("message"),
        links={"tasks": f"{path}?{urlencode(where)}", "last": task_href(group.last_id)},
    )


def outcome_view(tally: Tally, *, dry_run: bool) -> BulkOutcome:
    """What came of replaying or discarding many."""
    return BulkOutcome(
        matched=tally.matched,
        changed=tally.changed,
        dry_run=dry_run,
        more=tally.more,
        sample=tuple(tally.sample),
        last_due=tally.last_due,
    )


def task_href(id_: str) -> str:
    """Where a task is."""
    return f"/v1/tasks/{quote(id_, safe='')}"


def kind_href(name: str) -> str:
    """Where a kind is."""
    return f"/v1/catalogue/{quote(name, safe='')}"


def trace_id(traceparent: str) -> str | None:
    """The trace that a task belongs to, None where it has none."""
    found = Traceparent.parse(traceparent)
    return None if found is None else found.trace_id


def _carried(id_: str, what: str, value: Any, caller: Caller) -> dict[str, Any]:
    """A payload or a result: itself, where it is when it is too large, and neither for who may not see it."""
    is_object = isinstance(value, ClaimCheck)
    shown = value if caller.sees_payloads else None
    return {what: None if is_object else shown, f"{what}_object": _object_view(id_, what, shown) if is_object else None}


def _former(payload: str) -> Any:
    """What an attempt worked on before it was replayed with something else; of what is too large nothing is shown."""
    value = read_value(payload)
    return None if isinstance(value, ClaimCheck) else value


def _object_view(id_: str, what: str, check: ClaimCheck | None) -> ObjectView | None:
    return None if check is None else ObjectView(bytes=check.size, sha256=check.sha256, href=f"{task_href(id_)}/{what}")


def _summary(record: Record, caller: Caller) -> dict[str, Any]:
    href = task_href(record.id)
    shown = {name: getattr(record, name) for name in TaskSummary.model_fields if hasattr(record, name)}
    links = {"self": href, "wait": f"{href}?wait={LONG_POLL}", "events": f"{href}/events"}
    links |= {"kind": kind_href(record.kind), "attempts": f"{href}/attempts", "logs": f"{href}/logs"}
    links["why"] = f"{href}/why"
    if record.state is State.FAILED:
        links["replay"] = f"{href}/replay"
    if record.state is State.SCHEDULED:
        links["retry"] = f"{href}/retry"
    return shown | {"error": error_view(record.error, caller), "trace_id": trace_id(record.traceparent), "links": links}
