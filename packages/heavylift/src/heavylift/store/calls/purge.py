"""What waits in a queue is called off, once somebody has seen how much that is and confirmed it."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

from heavylift.outcome import Failure
from heavylift.store.calls.call import Call, Limits, failure_text, keeping, milliseconds, reach_text


@dataclass(frozen=True, slots=True)
class Purged:
    """How many tasks of a portion were called off, or counted. ``cursor`` goes on, '' at the end.

    ``till``: the seq of the last task that is meant, for the portions that follow.
    """

    count: int
    cursor: str
    till: int


@dataclass(frozen=True, slots=True)
class PurgeQueue(Call[Purged | None]):
    """scheduled | queued → cancelled for tasks of a queue that were submitted ``till`` then; some of them in each call.

    Without an ``error``, which their records are to show, they are only counted. None when no such queue is known.
    """

    script = "purge"
    queue: str
    error: Failure | None = None
    till: int | None = None
    cursor: str = ""
    reach: str | None = None

    PORTION: ClassVar[int] = 200  #: Tasks looked at in one call: some ten milliseconds of Redis when all are called off.

    def arguments(self, limits: Limits) -> list[str]:
        till = "" if self.till is None else str(self.till)
        error = "" if self.error is None else failure_text(self.error)
        return [self.queue, reach_text(self.reach), till, str(self.PORTION), self.cursor, error, *keeping(limits)]

    def parse(self, reply: Any) -> Purged | None:
        return None if reply is None else Purged(int(reply[0]), reply[1], int(reply[2]))


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What may be confirmed: that ``count`` tasks of a queue, the last of them of seq ``till``, are called off."""

    queue: str
    count: int
    till: int


@dataclass(frozen=True, slots=True)
class KeepPurge(Call[None]):
    """Remember a plan under a ``token`` for so many ``seconds``."""

    script = "purge_keep"
    repeatable = True
    token: str
    plan: PurgePlan
    seconds: float

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        plan = json.dumps([self.plan.queue, self.plan.count, self.plan.till])
        return [self.token, plan, str(milliseconds(self.seconds))]

    def parse(self, reply: Any) -> None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True)
class FindPurge(Call[PurgePlan | None]):
    """The plan that a token stands for; None when it stands for none, or its time is over."""

    script = "purge_find"
    repeatable = True
    token: str

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.token]

    def parse(self, reply: Any) -> PurgePlan | None:
        return PurgePlan(*json.loads(reply)) if reply else None
