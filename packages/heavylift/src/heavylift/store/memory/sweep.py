"""What has been kept for its time goes, and queues that nobody uses any more."""

from datetime import timedelta
from typing import Final

from heavylift.state import TERMINAL
from heavylift.store import calls
from heavylift.store.calls.queues import BEAT
from heavylift.store.memory.queues import pulse_of
from heavylift.store.memory.tables import Tables

FEEL_WITHIN: Final = timedelta(minutes=10)


def sweep(tables: Tables, call: calls.Sweep) -> calls.Swept:
    kept_since = calls.moment_of(tables.now() - timedelta(seconds=tables.limits.dead_retention))
    lapsed = [kept for kept in tables.dead() if kept.died <= kept_since][: call.count]
    for kept in lapsed:
        tables.delete(kept, "lapsed")
    extra = max(0, min(call.count, len(tables.dead()) - tables.limits.dead_limit))
    for kept in tables.dead()[:extra]:
        tables.delete(kept, "dropped")
    _sweep_batches(tables)
    for queue, active in tables.queues.items():
        if active > tables.now() - FEEL_WITHIN:
            pulse_of(tables, queue, BEAT)
    queues = _sweep_queues(tables, call.count)
    more = call.count in (len(lapsed), extra)
    return calls.Swept(len(lapsed), extra, indexes=0, queues=queues, more=more)


def _sweep_batches(tables: Tables) -> None:
    """A batch goes with its tasks."""
    filled = {kept.record.batch for kept in tables.tasks.values()}
    tables.batches = {id_: kept for id_, kept in tables.batches.items() if id_ in filled or not kept.batch.made}


def _sweep_queues(tables: Tables, count: int) -> int:
    idle_since = tables.now() - timedelta(seconds=tables.limits.retention)
    idle = [queue for queue, active in tables.queues.items() if active <= idle_since][:count]
    unused = [
        queue for queue in idle if queue not in tables.pauses and queue not in tables.queue_limits and not _is_used(tables, queue)
    ]
    for queue in unused:
        del tables.queues[queue]
        tables.counters.pop(queue, None)
        tables.pulses.pop(queue, None)
        tables.runs = {place: runs for place, runs in tables.runs.items() if place[0] != queue}
    for queue in set(idle) - set(unused):
        tables.know(queue)
    return len(unused)


def _is_used(tables: Tables, queue: str) -> bool:
    served = any(queue in consumer.queues for consumer in tables.consumers.values())
    return served or any(k.record.queue == queue and k.record.state not in TERMINAL for k in tables.tasks.values())
