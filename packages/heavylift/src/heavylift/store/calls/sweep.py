"""What has been kept for its time goes."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits, keeping, milliseconds
from heavylift.store.calls.queues import BEAT


@dataclass(frozen=True, slots=True)
class Swept:
    """What is gone, and whether there is ``more`` to sweep.

    Dead letters: ``lapsed`` were kept for their time, ``dropped`` were the oldest of too many. ``indexes`` by tag, kind or queue
    in which no record was left; ``queues`` that nobody has served or submitted to for a retention and in which nothing waits.
    """

    lapsed: int
    dropped: int
    indexes: int
    queues: int
    more: bool


@dataclass(frozen=True, slots=True)
class Sweep(Call[Swept]):
    """Remove what nobody needs any more, ``count`` of each sort at most. There is no harm in several who do.

    It also notes what came into queues that are in use and what ended, so that who asks how fast they move is told at once.
    """

    script = "sweep"
    count: int = 200

    def arguments(self, limits: Limits) -> list[str]:
        return [str(self.count), str(milliseconds(limits.dead_retention)), *keeping(limits), str(milliseconds(BEAT))]

    def parse(self, reply: Any) -> Swept:
        lapsed, dropped, indexes, queues, more = reply
        return Swept(lapsed, dropped, indexes, queues, bool(more))
