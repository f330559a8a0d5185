"""What those who follow a task are told of it is read. Nobody is told of changes here: there is nobody else to make any."""

from heavylift.store import calls
from heavylift.store.memory.tables import Tables
from heavylift.story import Told


def follow(tables: Tables, call: calls.Follow) -> Told | None:
    kept = tables.tasks.get(call.id)
    if kept is None:
        return None
    record = kept.record
    return Told(
        state=record.state,
        attempt=record.attempt,
        fence=record.fence,
        submitted_at=record.submitted_at,
        first_due_at=kept.first_due_at,
        queued_at=record.queued_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
        progress=record.progress,
        progress_at=kept.progress_at,
        history=tuple(kept.history),
    )
