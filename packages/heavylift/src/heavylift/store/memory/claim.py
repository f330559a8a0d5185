"""A consumer takes tasks in hand."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from heavylift.errors import LeaseLost, WorkerRests
from heavylift.record import Delivery
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Source, Waiting
from heavylift.store.memory.tables import Consumer, Entry, Tables


@dataclass(slots=True)
class _Claiming:
    """One claim under way. ``room``: how many deliveries there may be until the next stream is read."""

    tables: Tables
    name: str
    consumer: Consumer
    wanted: int
    waiting: list[Waiting]
    room: int = 0
    part: float = 1.0
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.deliveries) >= self.wanted or self.part < 1e-6

    def read(self, source: Source) -> None:
        before = len(self.deliveries)
        self.room = min(self.wanted, before + math.ceil(self.part * source.batch - 1e-6))
        self.take_waiting(source.stream)
        entries = self.tables.given_out(source.stream)
        while entries and len(self.deliveries) < self.room:
            entry, id_ = entries.popleft()
            self.take(id_, entry)
        self.part -= (len(self.deliveries) - before) / source.batch

    def take_rest(self) -> None:
        self.room = len(self.deliveries)
        for stream in [waiting.stream for waiting in self.waiting]:
            self.take_waiting(stream)

    def take_waiting(self, stream: str) -> None:
        for waiting in [waiting for waiting in self.waiting if waiting.stream == stream]:
            self.waiting.remove(waiting)
            self.take(waiting.id, waiting.entry)

    def take(self, id_: str, entry: str) -> None:
        kept = self.tables.tasks.get(id_)
        if kept is None or kept.record.state is not State.QUEUED or kept.entry != entry:
            return
        self.consumer.held.discard(id_)
        if self.tables.too_late(kept.record):
            self.tables.end(kept, State.EXPIRED)
        elif len(self.deliveries) >= self.room or (kept.suspect and self.deliveries):
            self.wanted = self.room = len(self.deliveries)
            self.tables.enqueue(kept, "returned")
        else:
            self.deliver(kept)

    def deliver(self, kept: Entry) -> None:
        if kept.suspect:
            self.wanted = self.room = 1
        now = self.tables.now()
        self.tables.move(kept, State.RUNNING, fence=kept.record.fence + 1, worker=self.name, started_at=now)
        self.consumer.held.add(kept.record.id)
        self.deliveries.append(_delivery(kept))


def claim(tables: Tables, call: calls.Claim) -> tuple[Delivery, ...]:
    consumer = tables.consumers.get(call.consumer)
    if consumer is None:
        raise LeaseLost
    if consumer.rests:
        if call.own or call.waiting:
            _put_back(tables, consumer)
        raise WorkerRests
    waiting = list(_own(tables, consumer) if call.own else call.waiting)
    claiming = _Claiming(tables, call.consumer, consumer, call.count, waiting)
    for source in call.sources:
        if not claiming.full:
            claiming.read(source)
    claiming.take_rest()
    return tuple(claiming.deliveries)


def _put_back(tables: Tables, consumer: Consumer) -> None:
    for waiting in list(_own(tables, consumer)):
        consumer.held.discard(waiting.id)
        tables.enqueue(tables.tasks[waiting.id], "returned")


def _own(tables: Tables, consumer: Consumer) -> Iterator[Waiting]:
    for kept in sorted((tables.tasks[id_] for id_ in consumer.held), key=lambda kept: kept.place):
        if kept.record.state is State.QUEUED:
            yield Waiting(kept.stream, kept.entry, kept.record.id)


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
        stream=kept.stream,
    )


def wait(tables: Tables, consumer: str, streams: Sequence[str]) -> tuple[Waiting, ...]:
    """Take the first entry of each stream for this consumer."""
    taken = []
    for stream in streams if consumer in tables.consumers else ():
        entries = tables.given_out(stream)
        if entries:
            entry, id_ = entries.popleft()
            tables.consumers[consumer].held.add(id_)
            taken.append(Waiting(stream, entry, id_))
    return tuple(taken)
