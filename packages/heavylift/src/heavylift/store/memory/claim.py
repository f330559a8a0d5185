"""A consumer takes tasks in hand."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from heavylift.errors import LeaseLost
from heavylift.record import Delivery, Executor
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import LANES, Waiting, lines
from heavylift.store.memory.tables import Consumer, Entry, Tables


@dataclass(slots=True)
class _Claiming:
    """One claim under way."""

    name: str
    consumer: Consumer
    wanted: int
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def room(self) -> int:
        return self.wanted - len(self.deliveries)


def claim(tables: Tables, call: calls.Claim) -> tuple[Delivery, ...]:
    consumer = tables.consumers.get(call.consumer)
    if consumer is None:
        raise LeaseLost
    claiming = _Claiming(call.consumer, consumer, call.count)
    for waiting in call.waiting:
        _take(tables, claiming, waiting.id, waiting.entry)
    for lane in (tables.lane(line, lane) for line in lines(call.queues, call.executors) for lane in LANES):
        while lane and claiming.room:
            for entry, id_ in [lane.popleft() for _ in range(min(claiming.room, len(lane)))]:
                _take(tables, claiming, id_, entry)
    return tuple(claiming.deliveries)


def _take(tables: Tables, claiming: "_Claiming", id_: str, entry: str) -> None:
    kept = tables.tasks.get(id_)
    if kept is None or kept.record.state is not State.QUEUED or kept.entry != entry:
        return
    claiming.consumer.held.discard(id_)
    if tables.too_late(kept.record):
        tables.end(kept, State.EXPIRED)
        return
    if not claiming.room or (kept.suspect and claiming.deliveries):
        claiming.wanted = len(claiming.deliveries)
        tables.enqueue(kept, "returned")
        return
    if kept.suspect:
        claiming.wanted = 1
    tables.move(kept, State.RUNNING, fence=kept.record.fence + 1, worker=claiming.name, started_at=tables.now())
    claiming.consumer.held.add(id_)
    claiming.deliveries.append(_delivery(kept))


def _delivery(kept: Entry) -> Delivery:
    record = kept.record
    assert record.queued_at is not None  # noqa: S101  a running record was queued
    assert record.started_at is not None  # noqa: S101
    return Delivery(
        id=record.id,
        kind=record.kind,
        payload=record.payload,
        form=record.form,
        queue=record.queue,
        fence=record.fence,
        attempt=record.attempt,
        max_attempts=record.max_attempts,
        deaths=record.deaths,
        submitted_at=record.submitted_at,
        queued_at=record.queued_at,
        started_at=record.started_at,
        traceparent=record.traceparent,
        headers=kept.headers,
        checkpoint=kept.memos.get("checkpoint"),
    )


def wait(tables: Tables, consumer: str, queues: Sequence[str], executors: Sequence[Executor]) -> tuple[Waiting, ...]:
    """Take the first entry of each lane for this consumer."""
    taken = []
    for line, lane in itertools.product(lines(queues, executors), LANES) if consumer in tables.consumers else ():
        entries = tables.lane(line, lane)
        if entries:
            entry, id_ = entries.popleft()
            tables.consumers[consumer].held.add(id_)
            taken.append(Waiting(line, lane, entry, id_))
    return tuple(taken)
