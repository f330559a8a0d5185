"""Time passes: tasks become due, or too late, and pauses end."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits, keeping


@dataclass(frozen=True, slots=True)
class Promoted:
    """Ids that became due, that expired, the seconds until the next of all, None when there is none, and queues ``resumed``."""

    promoted: tuple[str, ...]
    expired: tuple[str, ...]
    next_due: float | None
    resumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promote(Call[Promoted]):
    """scheduled → queued for what is due, scheduled | queued → expired for what is too late, ``count`` of each at most.

    Queues whose pause is over give out again what they have.
    """

    script = "promote"
    count: int = 1000

    def arguments(self, limits: Limits) -> list[str]:
        return [str(self.count), *keeping(limits)]

    def parse(self, reply: Any) -> Promoted:
        promoted, expired, next_due, resumed = reply
        return Promoted(tuple(promoted), tuple(expired), None if next_due == -1 else next_due / 1000, tuple(sorted(resumed)))
