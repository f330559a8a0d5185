"""Many tasks, submitted together."""

from dataclasses import replace
from itertools import islice

from heavylift.batch import Batch
from heavylift.batch_story import BatchTold
from heavylift.record import Standing
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Opened
from heavylift.store.memory.answers import answered, keep_answer
from heavylift.store.memory.cancel import call_off
from heavylift.store.memory.probe import refuse_replicas
from heavylift.store.memory.tables import KeptBatch, Tables


def open_batch(tables: Tables, call: calls.OpenBatch) -> Opened:
    refuse_replicas(call.durability)
    told = call.key and answered(tables, call.key, Opened)
    if told:
        return told
    if call.id in tables.batches:
        return Opened(call.id, Standing.KNOWN)
    kept = KeptBatch(Batch(id=call.id, items=call.items, created_at=tables.now(), ended_at=None, tenant=call.tenant))
    tables.batches[call.id] = kept
    tables.settle(kept)
    opened = Opened(call.id, Standing.NEW)
    if call.key:
        keep_answer(tables, call.key, opened)
    return opened


def read_batch(tables: Tables, call: calls.ReadBatch) -> Batch | None:
    kept = tables.batches.get(call.id)
    return kept.batch if kept is not None and call.reach in (None, kept.batch.tenant) else None


def follow_batch(tables: Tables, call: calls.FollowBatch) -> BatchTold | None:
    kept = tables.batches.get(call.id)
    if kept is None or call.reach not in (None, kept.batch.tenant):
        return None
    return BatchTold(kept.batch, len(kept.ends), tuple(kept.ends[call.after : call.after + call.PORTION]))


def close_batch(tables: Tables, call: calls.CloseBatch) -> bool:
    kept = tables.batches.get(call.id)
    if kept is None:
        return False
    kept.batch = replace(kept.batch, items=kept.batch.made + kept.batch.spared)
    tables.settle(kept)
    return True


def cancel_batch(tables: Tables, call: calls.CancelBatch) -> calls.CalledOff:
    after = call.cursor or 0
    members = [tables.tasks[id_] for seq, id_ in tables.order if seq > after and tables.tasks[id_].record.batch == call.id]
    portion = list(islice(members, call.PORTION))
    replies = [call_off(tables, kept) for kept in portion]
    changed = [reply.state for reply in replies if reply.changed]
    cursor = portion[-1].record.seq if len(portion) == call.PORTION else None
    return calls.CalledOff(changed.count(State.CANCELLED), changed.count(State.RUNNING), cursor)
