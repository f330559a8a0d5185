"""Who takes tasks, and what they run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heavylift.record import Executor, from_ms
from heavylift.store.calls.call import Call, Limits, reach_text


@dataclass(frozen=True, slots=True)
class Underway:
    """A task that a consumer runs, ``since`` then."""

    id: str
    kind: str
    queue: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Worker:
    """A consumer with a lease: a child of a worker. It has ``in_hand`` tasks of its queues; ``running`` are some of them."""

    consumer: str
    lease_ends: datetime
    rests: bool
    queues: tuple[str, ...]
    executors: tuple[Executor, ...]
    in_hand: int
    running: tuple[Underway, ...]


@dataclass(frozen=True, slots=True)
class WorkerPage:
    """Consumers by name, and whether there are more behind the last."""

    workers: tuple[Worker, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class ReadWorkers(Call[WorkerPage]):
    """A page of all consumers with a lease, behind the one that is named ``after``, with ``tasks`` of each within ``reach``."""

    script = "workers"
    repeatable = True
    after: str = ""
    count: int = 100
    tasks: int = 10
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.after, str(self.count), str(self.tasks), reach_text(self.reach)]

    def parse(self, reply: Any) -> WorkerPage:
        return WorkerPage(tuple(_worker(row) for row in reply[1:]), bool(reply[0]))


def _worker(row: Sequence[Any]) -> Worker:
    consumer, lease_ends, rests, queues, executors, in_hand, *running = row
    return Worker(
        consumer=consumer,
        lease_ends=from_ms(int(lease_ends)),
        rests=bool(rests),
        queues=tuple(json.loads(queues)),
        executors=tuple(Executor(executor) for executor in json.loads(executors)),
        in_hand=in_hand,
        running=tuple(sorted((_underway(*told) for told in running), key=lambda underway: underway.id)),
    )


def _underway(id_: str, kind: str, queue: str, since: str) -> Underway:
    return Underway(id_, kind, queue, from_ms(int(since)))
