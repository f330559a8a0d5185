"""Somebody calls a task off."""

from dataclasses import replace

from heavylift.state import State
from heavylift.store import calls
from heavylift.store.memory.tables import Entry, Tables


def cancel(tables: Tables, call: calls.Cancel) -> calls.Moved | None:
    kept = tables.tasks.get(call.id)
    return call_off(tables, kept) if kept and call.reach in (None, kept.record.tenant) else None


def cancel_many(tables: Tables, call: calls.CancelMany) -> tuple[calls.Moved | None, ...]:
    return tuple(cancel(tables, calls.Cancel(id_, call.reach)) for id_ in call.ids)


def call_off(tables: Tables, kept: Entry) -> calls.Moved:
    if kept.record.state in (State.SCHEDULED, State.QUEUED):
        tables.end(kept, State.CANCELLED)
        return calls.Moved(State.CANCELLED, changed=True)
    if kept.record.state is State.RUNNING:
        first = not kept.record.cancel_requested
        kept.record = replace(kept.record, cancel_requested=True)
        return calls.Moved(State.RUNNING, changed=first)
    return calls.Moved(kept.record.state, changed=False)
