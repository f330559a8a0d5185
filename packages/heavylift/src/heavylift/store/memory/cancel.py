"""Somebody calls a task off."""

from dataclasses import replace

from heavylift.state import State
from heavylift.store import calls
from heavylift.store.memory.tables import Entry, Tables


def cancel(tables: Tables, call: calls.Cancel) -> calls.CancelReply | None:
    kept = tables.tasks.get(call.id)
    return call_off(tables, kept) if kept and call.reach in (None, kept.record.tenant) else None


def call_off(tables: Tables, kept: Entry) -> calls.CancelReply:
    if kept.record.state in (State.SCHEDULED, State.QUEUED):
        tables.end(kept, State.CANCELLED)
        return calls.CancelReply(State.CANCELLED, changed=True)
    if kept.record.state is State.RUNNING:
        first = not kept.record.cancel_requested
        kept.record = replace(kept.record, cancel_requested=True)
        return calls.CancelReply(State.RUNNING, changed=first)
    return calls.CancelReply(kept.record.state, changed=False)
