"""How a task looks from outside."""

from typing import Any
from urllib.parse import quote

from heavylift.record import Accepted, Record, Submission, read_json
from heavylift.telemetry.traceparent import Traceparent
from heavylift_api.catalogue import KnownKind
from heavylift_api.schemas import KindView, RetryView, TaskAccepted, TaskSummary, TaskView

_WAIT = 30  #: Seconds in the link that waits: below every proxy's idle timeout that we know of.


def accepted_view(task: Submission, accepted: Accepted) -> TaskAccepted:
    """The answer to a submission."""
    return TaskAccepted(
        id=task.id,
        kind=task.kind,
        queue=task.queue,
        state=accepted.state,
        submitted_at=accepted.submitted_at,
        trace_id=trace_id(task.traceparent) or "",
        href=task_href(task.id),
    )


def task_view(record: Record) -> TaskView:
    """Everything that is known of a task."""
    return TaskView(**_summary(record), form=record.form, payload=read_json(record.payload), result=record.result)


def task_summary(record: Record) -> TaskSummary:
    """A task as lists show it."""
    return TaskSummary(**_summary(record))


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


def _summary(record: Record) -> dict[str, Any]:
    href = task_href(record.id)
    shown = {name: getattr(record, name) for name in TaskSummary.model_fields if hasattr(record, name)}
    links = {"self": href, "wait": f"{href}?wait={_WAIT}", "kind": kind_href(record.kind)}
    return shown | {"trace_id": trace_id(record.traceparent), "links": links}
