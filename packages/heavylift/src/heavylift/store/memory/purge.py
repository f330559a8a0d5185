"""What waits in a queue is called off."""

from dataclasses import replace
from datetime import timedelta

from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import PurgePlan
from heavylift.store.memory.cancel import call_off
from heavylift.store.memory.tables import Entry, Tables, as_json


def purge(tables: Tables, call: calls.PurgeQueue) -> calls.Purged | None:
    if call.queue not in tables.queues:
        return None
    newest = max((seq for seq, _ in tables.order), default=0)
    till = newest if call.till is None else call.till
    state, _, after = call.cursor.partition(":")
    state = state or State.SCHEDULED
    there = [kept for kept in tables.in_states(State(state)) if int(after or 0) < kept.record.seq <= till]
    page = sorted(there, key=lambda kept: kept.record.seq)[: call.PORTION]
    meant = [kept for kept in page if kept.record.queue == call.queue and call.reach in (None, kept.record.tenant)]
    for kept in meant:
        _call_off(tables, kept, call)
    onward = "queued:" if state == State.SCHEDULED else ""
    cursor = f"{state}:{page[-1].record.seq}" if len(page) == call.PORTION else onward
    return calls.Purged(len(meant), cursor, till)


def keep_purge(tables: Tables, call: calls.KeepPurge) -> None:
    tables.purges[call.token] = call.plan, tables.now() + timedelta(seconds=call.seconds)


def find_purge(tables: Tables, call: calls.FindPurge) -> PurgePlan | None:
    plan, until = tables.purges.get(call.token, (None, tables.now()))
    return plan if until > tables.now() else None


def _call_off(tables: Tables, kept: Entry, call: calls.PurgeQueue) -> None:
    if call.error is not None:
        kept.record = replace(kept.record, error=as_json(call.error))
        call_off(tables, kept)
