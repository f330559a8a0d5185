"""A task comes in."""

from datetime import datetime, timedelta

from heavylift.record import Accepted, Record, Submission
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.memory.probe import refuse_replicas
from heavylift.store.memory.tables import Entry, Tables


def submit(tables: Tables, call: calls.Submit) -> tuple[Accepted, ...]:
    refuse_replicas(call.durability)
    now = tables.now()
    return tuple(_submit_one(tables, task, now) for task in call.tasks)


def _submit_one(tables: Tables, task: Submission, now: datetime) -> Accepted:
    known = tables.tasks.get(task.id)
    if known is not None:
        return Accepted(id=task.id, state=known.record.state, submitted_at=known.record.submitted_at, duplicate=True)
    due = now + timedelta(seconds=task.delay) if task.delay is not None else task.eta or now
    waits = due > now
    record = Record(
        id=task.id,
        kind=task.kind,
        state=State.SCHEDULED if waits else State.QUEUED,
        queue=task.queue,
        executor=task.executor,
        priority=task.priority,
        payload=task.payload,
        form=task.form,
        tags=task.tags,
        attempt=1,
        max_attempts=task.max_attempts,
        fence=0,
        deaths=0,
        submitted_at=now,
        due_at=due if waits else None,
        queued_at=None if waits else now,
        started_at=None,
        ended_at=None,
        expires_at=task.expires_at,
        worker=None,
        cancel_requested=False,
        progress=None,
        result=None,
        error=None,
        reason=None,
        fingerprint=None,
        traceparent=task.traceparent,
        seq=next(tables.sequence),
    )
    kept = tables.tasks[task.id] = Entry(record, task.headers)
    tables.order.append((record.seq, task.id))
    if not waits:
        tables.enqueue(kept, task.priority)
    tables.know(task.queue)
    tables.count(task.queue, "submitted")
    return Accepted(id=task.id, state=record.state, submitted_at=now)
