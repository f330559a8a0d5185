"""Somebody wants what waits for its time to begin now."""

from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Moved
from heavylift.store.memory.tables import Entry, Tables


def hasten(tables: Tables, call: calls.Hasten) -> tuple[Moved | None, ...]:
    found = (tables.tasks.get(id_) for id_ in call.ids)
    return tuple(_hasten_one(tables, kept) if kept and call.reach in (None, kept.record.tenant) else None for kept in found)


def _hasten_one(tables: Tables, kept: Entry) -> Moved:
    if kept.record.state is not State.SCHEDULED:
        return Moved(kept.record.state, changed=False)
    now = tables.now()
    tables.move(kept, State.QUEUED, queued_at=now, due_at=now)
    tables.enqueue(kept, kept.record.priority)
    tables.know(kept.record.queue)
    return Moved(State.QUEUED, changed=True)
