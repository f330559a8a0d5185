"""A consumer takes tasks in hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from heavylift.record import Delivery, Executor, Form, from_ms
from heavylift.store.calls.call import Call, Limits, keeping
from heavylift.store.calls.lines import streams


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that a blocking read has taken out of its stream for a consumer and that is still to be claimed."""

    stream: str
    entry: str
    id: str


@dataclass(frozen=True, slots=True)
class Source:
    """A stream to read, and how many of its tasks make a whole claim: of two streams with 8 each, 4 and 4 do."""

    stream: str
    batch: int


@dataclass(frozen=True, slots=True)
class Claim(Call[tuple[Delivery, ...]]):
    """queued → running for at most ``count`` tasks, from ``sources`` in their order. Raises LeaseLost.

    What is ``waiting`` is first in its stream; what there is no room for goes back to its queue. With ``own`` it is looked for in
    the store: for a claim that is sent together with its blocking read, by a consumer that has nothing in hand.
    """

    script = "claim"
    consumer: str
    sources: tuple[Source, ...]
    count: int = 1
    waiting: tuple[Waiting, ...] = ()
    own: bool = False

    @classmethod
    def of(
        cls, consumer: str, queues: Sequence[str], count: int = 1, *, executors: Sequence[Executor] = (Executor.PROCESS,)
    ) -> Self:
        """A claim from whole queues in strict order: the next is read when the one before is empty."""
        return cls(consumer, tuple(Source(stream, count) for stream in streams(queues, executors)), count)

    def arguments(self, limits: Limits) -> list[str]:
        waiting = json.dumps([(w.stream, w.entry, w.id) for w in self.waiting]) if self.waiting else "[]"
        waiting = "own" if self.own else waiting
        arguments = [self.consumer, str(self.count), *keeping(limits), waiting]
        for source in self.sources:
            arguments += (source.stream, str(source.batch))
        return arguments

    def parse(self, reply: Any) -> tuple[Delivery, ...]:
        if not reply:
            return ()
        started_at, taken, *rows = reply
        origins = [source.stream for source, number in zip(self.sources, taken, strict=False) for _ in range(number)]
        moment = from_ms(int(started_at))
        return tuple(_delivery(row, stream, moment) for row, stream in zip(rows, origins, strict=True))


def _delivery(row: Sequence[Any], stream: str, started_at: datetime) -> Delivery:
    id_, kind, payload, form, fence, attempt, max_attempts, deaths, submitted, queued, trace, headers, *rest = row
    return Delivery(
        id=id_,
        kind=kind,
        payload=payload,
        form=Form.read(form),
        queue=stream.rsplit(":", 2)[0],
        fence=int(fence),
        attempt=int(attempt),
        max_attempts=int(max_attempts),
        deaths=int(deaths),
        submitted_at=from_ms(int(submitted)),
        queued_at=from_ms(int(queued)),
        started_at=started_at,
        traceparent=trace,
        headers=headers,
        checkpoint=rest[0] if rest else None,
        stream=stream,
    )
