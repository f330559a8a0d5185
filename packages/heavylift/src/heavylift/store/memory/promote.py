"""Time passes: tasks become due, or too late, and pauses end."""

from datetime import datetime

from heavylift.record import Record
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.memory.tables import Tables, ids


def promote(tables: Tables, call: calls.Promote) -> calls.Promoted:
    now = tables.now()
    late = [kept for kept in tables.in_states(State.SCHEDULED, State.QUEUED) if tables.too_late(kept.record)]
    late.sort(key=lambda kept: (kept.record.expires_at, kept.record.id))
    for kept in late[: call.count]:
        tables.end(kept, State.EXPIRED)
    due = [kept for kept in tables.in_states(State.SCHEDULED) if _due(kept.record) <= now]
    due.sort(key=lambda kept: (_due(kept.record), kept.record.id))
    for kept in due[: call.count]:
        tables.move(kept, State.QUEUED, queued_at=now)
        tables.enqueue(kept, kept.record.priority)
        tables.know(kept.record.queue)
    over = [queue for queue, pause in tables.pauses.items() if pause.ends_at and pause.ends_at <= now]
    for queue in over:
        del tables.pauses[queue]
    times = [pause.ends_at for pause in tables.pauses.values() if pause.ends_at]
    times += [_due(kept.record) for kept in tables.in_states(State.SCHEDULED)]
    times += [
        kept.record.expires_at
        for kept in tables.in_states(State.SCHEDULED, State.QUEUED)
        if kept.record.expires_at and kept.record.fence == 0
    ]
    next_due = max(0.0, (min(times) - now).total_seconds()) if times else None
    return calls.Promoted(ids(due[: call.count]), ids(late[: call.count]), next_due, tuple(sorted(over)))


def _due(record: Record) -> datetime:
    assert record.due_at is not None  # noqa: S101  every scheduled record has one
    return record.due_at
