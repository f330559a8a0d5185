"""What keeps a thing from being done twice: the key of a request that is repeated, and that of a task of which there is one."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """Within what a key counts: another route or another tenant may use the same one for something else."""

    route: str
    tenant: str = ""

    def name(self, key: str) -> str:
        """What stands for a key of this scope in the store: of one length, and telling nobody the key."""
        return hashlib.sha256(json.dumps([self.tenant, self.route, key]).encode()).hexdigest()[:40]


def fingerprint(meant: Mapping[str, Any]) -> str:
    """The same for requests that mean the same, whatever the order of their members."""
    return hashlib.sha256(json.dumps(meant, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The key of a request, as the store keeps it: beside the task that the request made, from the same step on.

    ``name`` stands for the key and for everything that it counts within, such as a route; ``fingerprint`` for what was asked for.
    ``keep`` is for how many seconds, from the first request on, the store answers as it did then.
    """

    name: str
    fingerprint: str
    keep: float

    def of_item(self, number: int) -> "IdempotencyKey":
        """Each item of a batch has a key of its own, so that a repetition of the batch is answered as the first time."""
        return replace(self, name=hashlib.sha256(f"{self.name} {number}".encode()).hexdigest()[:40])


class While(StrEnum):
    """For how long a task holds its unique key."""

    QUEUED = "queued"  #: While it waits, for its time or for a worker.
    RUNNING = "running"  #: Until it has ended.
    TTL = "ttl"  #: For a time from its submission on, whatever becomes of it.


@dataclass(frozen=True, slots=True)
class Debounce:
    """A task that starts when nobody has asked for it for so many ``seconds``.

    ``name`` stands for its key and for everything that it counts within. Who asks again while it waits changes what it carries
    and lets it wait anew, but for no longer than ``max_wait`` seconds from the first time on, if that is given.
    """

    name: str
    seconds: float
    max_wait: float | None = None

    @property
    def first_wait(self) -> float:
        """Seconds after which it starts if nobody asks again."""
        return self.seconds if self.max_wait is None else min(self.seconds, self.max_wait)


@dataclass(frozen=True, slots=True)
class Unique:
    """The unique key of a task: who asks for another while one holds it gets that one.

    ``name`` stands for the key and for everything that it counts within. ``ttl`` in seconds is for ``While.TTL``.
    """

    name: str
    held_while: While = While.RUNNING
    ttl: float = 0.0
