"""Time passes: tasks become due, or too late."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits, keeping


@dataclass(frozen=True, slots=True)
class Promoted:
    """Ids that became due, ids that expired, and the seconds until the next of either, None when there is none."""

    promoted: tuple[str, ...]
    expired: tuple[str, ...]
    next_due: float | None


@dataclass(frozen=True, slots=True)
class Promote(Call[Promoted]):
    """scheduled → queued for what is due, scheduled | queued → expired for what is too late, ``count`` of each at most."""

    script = "promote"
    count: int = 1000

    def arguments(self, limits: Limits) -> list[str]:
        return [str(self.count), *keeping(limits)]

    def parse(self, reply: Any) -> Promoted:
        return Promoted(tuple(reply[0]), tuple(reply[1]), None if reply[2] == -1 else reply[2] / 1000)
