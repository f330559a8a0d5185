"""What is done with dead letters: they are replayed, or discarded."""

from dataclasses import replace
from datetime import datetime, timedelta

from heavylift.history import Fate
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Moved
from heavylift.store.memory.tables import Entry, Tables


def replay(tables: Tables, call: calls.Replay) -> calls.Replayed:
    now = tables.now()
    due, apart = call.first_due or now, timedelta(seconds=call.apart)
    replies = []
    for id_ in call.ids:
        reply = _replay_one(tables, _reached(tables, id_, call.reach), due)
        replies.append(reply)
        due += apart if reply is not None and reply.changed else timedelta()
    return calls.Replayed(tuple(replies), max(due, now))


def replay_edited(tables: Tables, call: calls.ReplayEdited) -> Moved | None:
    kept = _reached(tables, call.id, call.reach)
    before = kept.record if kept else None
    reply = _replay_one(tables, kept, tables.now(), edited=True)
    if kept is not None and before is not None and reply is not None and reply.changed:
        kept.memos[f"payload:{before.fence}"] = before.payload
        kept.memos.pop("checkpoint", None)
        kept.record = replace(kept.record, payload=call.payload, form=call.form)
    return reply


def former_payloads(tables: Tables, call: calls.FormerPayloads) -> tuple[str | None, ...]:
    kept = tables.tasks.get(call.id)
    return tuple(kept.memos.get(f"payload:{run}") if kept else None for run in call.runs)


def discard(tables: Tables, call: calls.Discard) -> tuple[Moved | None, ...]:
    return tuple(_discard_one(tables, _reached(tables, id_, call.reach)) for id_ in call.ids)


def _reached(tables: Tables, id_: str, reach: str | None) -> Entry | None:
    kept = tables.tasks.get(id_)
    return kept if kept is not None and reach in (None, kept.record.tenant) else None


def _replay_one(tables: Tables, kept: Entry | None, due: datetime, *, edited: bool = False) -> Moved | None:
    if kept is None or kept.record.state is not State.FAILED:
        return None if kept is None else Moved(kept.record.state, changed=False)
    kept.record = replace(kept.record, worker=None, started_at=None)
    fresh = {"attempt": 1, "deaths": 0, "ended_at": None, "reason": None, "fingerprint": None, "progress": None}
    now = tables.now()
    tables.note(kept, Fate.REPLAYED, edited=edited, due_at=due if due > now else None)
    if due <= now:
        tables.move(kept, State.QUEUED, queued_at=now, due_at=None, cancel_requested=False, **fresh)
        tables.enqueue(kept, kept.record.priority)
    else:
        tables.move(kept, State.SCHEDULED, due_at=due, cancel_requested=False, **fresh)
    kept.doubts = kept.died = 0
    kept.progress_at = None
    tables.know(kept.record.queue)
    tables.count(kept.record.queue, "replayed")
    tables.count_in(kept.record.batch, State.FAILED, -1)
    return Moved(kept.record.state, changed=True)


def _discard_one(tables: Tables, kept: Entry | None) -> Moved | None:
    if kept is None:
        return None
    state = kept.record.state
    if state is State.FAILED:
        tables.delete(kept, "discarded")
    return Moved(state, changed=state is State.FAILED)
