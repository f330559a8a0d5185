"""What is where, and how much of it."""

from collections import Counter

from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls.statistics import COUNTERS
from heavylift.store.memory.pauses import pause_of
from heavylift.store.memory.tables import Tables


def statistics(tables: Tables, call: calls.Statistics) -> calls.StatisticsReply:  # noqa: ARG001
    alive = sum(consumer.lease_ends > tables.now() for consumer in tables.consumers.values())
    queues = tuple(statistics_of(tables, queue) for queue in sorted(tables.queues))
    return calls.StatisticsReply(len(tables.in_states(State.SCHEDULED)), alive, queues, _dead_counts(tables))


def statistics_of(tables: Tables, queue: str) -> calls.QueueStatistics:
    """One queue."""
    held = {id_ for consumer in tables.consumers.values() for id_ in consumer.held}  # running, or taken by a wait
    ready = [kept.record for kept in tables.in_states(State.QUEUED) if kept.record.queue == queue and kept.record.id not in held]
    running = sum(tables.tasks[id_].record.queue == queue for id_ in held)
    oldest = max(((tables.now() - r.queued_at).total_seconds() for r in ready if r.queued_at), default=0.0)
    c = tables.counters[queue]
    counted = {name: c[name] for name in COUNTERS}
    return calls.QueueStatistics(queue, len(ready), running, oldest, **counted, paused=pause_of(tables, queue) is not None)


def _dead_counts(tables: Tables) -> tuple[calls.DeadCount, ...]:
    counts = Counter((kept.record.queue, kept.record.reason) for kept in tables.dead() if kept.record.reason)
    return tuple(calls.DeadCount(queue, reason, count) for (queue, reason), count in sorted(counts.items()))
