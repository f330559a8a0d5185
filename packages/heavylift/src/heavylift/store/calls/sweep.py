"""What has been kept for its time goes."""

from dataclasses import dataclass
from typing import Any

from heavylift.store.calls.call import Call, Limits, keeping, milliseconds


@dataclass(frozen=True, slots=True)
class Swept:
    """Dead letters that are gone: ``lapsed`` were kept for their time, ``dropped`` were the oldest of too many."""

    lapsed: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Sweep(Call[Swept]):
    """Remove what nobody needs any more, ``count`` of each sort at most."""

    script = "sweep"
    count: int = 500

    def arguments(self, limits: Limits) -> list[str]:
        return [str(self.count), str(milliseconds(limits.dead_retention)), *keeping(limits)]

    def parse(self, reply: Any) -> Swept:
        return Swept(*reply)
