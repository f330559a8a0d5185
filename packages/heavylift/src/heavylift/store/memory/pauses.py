"""Queues that give nothing out for a while."""

from datetime import timedelta

from heavylift.record import Executor
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Paused, QueuePause
from heavylift.store.memory.tables import Tables


def pause(tables: Tables, call: calls.PauseQueue) -> Paused | None:
    if call.queue not in tables.queues:
        return None
    now, before = tables.now(), pause_of(tables, call.queue)
    ends_at = now + timedelta(seconds=call.seconds) if call.seconds else None
    pause = QueuePause(before.since if before else now, ends_at, call.by, call.reason)
    tables.pauses[call.queue] = pause
    _take_back(tables, call.queue)
    return Paused(pause, changed=before is None)


def resume(tables: Tables, call: calls.ResumeQueue) -> bool | None:
    if call.queue not in tables.queues:
        return None
    was = pause_of(tables, call.queue) is not None
    tables.pauses.pop(call.queue, None)
    return was


def pause_of(tables: Tables, queue: str) -> QueuePause | None:
    """The pause of a queue, unless its time is over."""
    pause = tables.pauses.get(queue)
    return pause if pause and (pause.ends_at is None or pause.ends_at > tables.now()) else None


def _take_back(tables: Tables, queue: str) -> None:
    """What a wait has taken and nobody has claimed yet."""
    executors = list(Executor)
    for consumer in tables.consumers.values():
        taken = [tables.tasks[id_] for id_ in consumer.held]
        taken = [kept for kept in taken if kept.record.queue == queue and kept.record.state is State.QUEUED]
        for kept in sorted(taken, key=lambda kept: (executors.index(kept.record.executor), kept.place)):
            consumer.held.discard(kept.record.id)
            tables.enqueue(kept, "returned")
