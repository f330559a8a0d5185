"""Queues, as they are now."""

from datetime import timedelta

from heavylift.state import TERMINAL, State
from heavylift.store import calls
from heavylift.store.calls import Pulse, QueueState
from heavylift.store.memory.pauses import pause_of
from heavylift.store.memory.rest import rests_by_order
from heavylift.store.memory.statistics import statistics_of
from heavylift.store.memory.tables import Noted, Tables


def read_queues(tables: Tables, call: calls.ReadQueues) -> calls.QueuePage:
    if call.queue:
        names = [call.queue] if call.queue in tables.queues else []
    else:
        names = sorted(queue for queue in tables.queues if queue > call.after)
    return calls.QueuePage(tuple(_state(tables, queue, call.beat) for queue in names[: call.count]), len(names) > call.count)


def _state(tables: Tables, queue: str, beat: float) -> QueueState:
    counts = statistics_of(tables, queue)
    scheduled = sum(kept.record.queue == queue for kept in tables.in_states(State.SCHEDULED))
    consumers = sum(
        queue in consumer.queues and consumer.lease_ends >= tables.now() and not rests_by_order(tables, name)
        for name, consumer in tables.consumers.items()
    )
    return QueueState(
        queue,
        counts.ready,
        counts.running,
        scheduled,
        counts.oldest_age,
        consumers,
        pause_of(tables, queue),
        pulse_of(tables, queue, beat),
        limit_of(tables, queue),
    )


def limit_queue(tables: Tables, call: calls.LimitQueue) -> bool:
    if call.queue not in tables.queues:
        return False
    tables.queue_limits.pop(call.queue, None)
    if call.length is not None:
        tables.queue_limits[call.queue] = call.length
    return True


def limit_of(tables: Tables, queue: str) -> int | None:
    """How many tasks may wait in a queue."""
    return tables.queue_limits.get(queue, tables.limits.queue_length or None)


def waiting_in(tables: Tables, queue: str) -> int:
    """Tasks that wait in it, for their time or for a worker."""
    held = {id_ for consumer in tables.consumers.values() for id_ in consumer.held}
    waiting = tables.in_states(State.SCHEDULED, State.QUEUED)
    return sum(kept.record.queue == queue and kept.record.id not in held for kept in waiting)


def pulse_of(tables: Tables, queue: str, beat: float) -> Pulse | None:
    """How fast a queue moves, since one of two moments that are noted in turn."""
    counts, now = tables.counters[queue], tables.now()
    seen = Noted(now, counts["submitted"] + counts["replayed"], sum(counts[state] for state in TERMINAL))
    before, last = tables.pulses.get(queue, (None, None))
    if last is None or now - last.at >= timedelta(seconds=beat):
        before, last = last, seen
        tables.pulses[queue] = before, last
    if before is None or before.at >= now:
        return None
    over = (now - before.at).total_seconds()
    return Pulse((seen.came - before.came) / over, (seen.ended - before.ended) / over, over)
