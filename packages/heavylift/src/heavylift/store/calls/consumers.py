"""Consumers come, stay and go, and what they held goes on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heavylift.record import Executor
from heavylift.store.calls.call import Call, Limits, keeping, milliseconds


@dataclass(frozen=True, slots=True)
class Register(Call[tuple[str, ...]]):
    """A consumer announces itself, with a lease in seconds, before its first claim.

    What one of the same name held goes back to its queue, except what it says it still has ``in_hand``. So a consumer that got no
    answer to a wait or a claim registers again, because it cannot know what it was given. Returns those of ``in_hand`` that it
    has lost: they were handed on while its lease was over.
    """

    script = "register"
    consumer: str
    queues: tuple[str, ...]
    lease: float
    about: Mapping[str, str]
    in_hand: tuple[str, ...] = ()
    executors: tuple[Executor, ...] = (Executor.PROCESS,)

    def arguments(self, limits: Limits) -> list[str]:
        about, in_hand = json.dumps(dict(self.about)), json.dumps(self.in_hand)
        queues, executors = json.dumps(self.queues), json.dumps(self.executors)
        return [self.consumer, str(milliseconds(self.lease)), queues, about, in_hand, *keeping(limits), executors]

    def parse(self, reply: Any) -> tuple[str, ...]:
        return tuple(reply)


@dataclass(frozen=True, slots=True)
class Orders:
    """What consumers are to stop. ``lost``: those whose lease had ended, so that whatever they run is somebody else's by now.

    ``cancelled``: the ids of tasks that others run and that somebody called off.
    """

    lost: tuple[str, ...] = ()
    cancelled: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renew(Call[Orders]):
    """Keep leases from ending, and hear what is to be stopped.

    A lease of which a third is gone is prolonged to ``lease`` seconds from now.
    """

    script = "renew"
    consumers: tuple[str, ...]
    lease: float

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [str(milliseconds(self.lease)), *self.consumers]

    def parse(self, reply: Any) -> Orders:
        lost, *cancelled = reply
        return Orders(tuple(lost), {consumer: frozenset(ids) for consumer, *ids in cancelled})


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What became of the tasks that a consumer held.

    ``requeued``: put back first in their queue. ``buried``: ended as failed, as workers keep dying of them. ``cancelled``: ended
    because their cancellation had been asked for.
    """

    consumer: str
    requeued: tuple[str, ...]
    buried: tuple[str, ...]
    cancelled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOn(Call[HandedOn]):
    """End a consumer. What it holds goes back to its queue; with ``blame`` its death counts against the task that it ``ran``.

    With ``ran`` empty nobody knows which that was. If it held one task, it was that one. If it held several, none is blamed; one
    that is in hand at two such deaths is from then on run by a child of kind ``process`` and claimed alone, so that a third is
    clear.
    """

    script = "hand_on"
    consumer: str
    cause: str
    blame: bool
    max_deaths: int
    ran: str = ""

    def arguments(self, limits: Limits) -> list[str]:
        return [self.consumer, str(int(self.blame)), self.ran, str(self.max_deaths), self.cause, *keeping(limits)]

    def parse(self, reply: Any) -> HandedOn:
        return HandedOn(self.consumer, *(tuple(ids) for ids in reply))


@dataclass(frozen=True, slots=True)
class Reap(Call[tuple[HandedOn, ...]]):
    """HandOn with blame for every consumer whose lease has ended, ``count`` of them at most.

    With ``lease``, in seconds, nothing is reaped for that long after half of it went by without a reap: then Redis or all workers
    were away, and those who live must have the time to renew.
    """

    script = "reap"
    max_deaths: int
    count: int = 100
    lease: float = 0.0

    def arguments(self, limits: Limits) -> list[str]:
        return [str(self.count), str(self.max_deaths), *keeping(limits), str(milliseconds(self.lease))]

    def parse(self, reply: Any) -> tuple[HandedOn, ...]:
        return tuple(HandedOn(name, *(tuple(ids) for ids in lists)) for name, *lists in reply)
