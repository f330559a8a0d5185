"""A consumer takes tasks in hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heavylift.record import Delivery, Executor, Form, from_ms
from heavylift.store.calls.call import Call, Limits, keeping
from heavylift.store.calls.lines import lines


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that a blocking read has taken out of its stream for a consumer and that is still to be claimed."""

    line: str
    lane: str
    entry: str
    id: str


@dataclass(frozen=True, slots=True)
class Claim(Call[tuple[Delivery, ...]]):
    """queued → running for at most ``count`` tasks, the ones of ``waiting`` first. Raises LeaseLost."""

    script = "claim"
    consumer: str
    queues: tuple[str, ...]
    count: int = 1
    waiting: tuple[Waiting, ...] = ()
    executors: tuple[Executor, ...] = (Executor.PROCESS,)

    def arguments(self, limits: Limits) -> list[str]:
        waiting = [(w.line, w.lane, w.entry, w.id) for w in self.waiting]
        return [
            self.consumer,
            str(self.count),
            *keeping(limits),
            json.dumps(lines(self.queues, self.executors)),
            json.dumps(waiting),
        ]

    def parse(self, reply: Any) -> tuple[Delivery, ...]:
        return tuple(_delivery(row) for row in reply)


def _delivery(row: Sequence[Any]) -> Delivery:
    id_, kind, payload, form, queue, fence, attempt, max_attempts, deaths, submitted, queued, started, trace, headers, *rest = row
    return Delivery(
        id=id_,
        kind=kind,
        payload=payload,
        form=Form.read(form),
        queue=queue,
        fence=int(fence),
        attempt=int(attempt),
        max_attempts=int(max_attempts),
        deaths=int(deaths),
        submitted_at=from_ms(int(submitted)),
        queued_at=from_ms(int(queued)),
        started_at=from_ms(int(started)),
        traceparent=trace,
        headers=headers,
        checkpoint=rest[0] if rest else None,
    )
