"""Whether anything new would be taken in."""

from dataclasses import dataclass
from typing import Any

from heavylift.record import Durability
from heavylift.store.calls.call import Call, Limits


@dataclass(frozen=True, slots=True)
class Probe(Call[None]):
    """Write what is nobody's. What refuses it refuses submissions, too: a replica, a full Redis, a broken disk."""

    script = "probe"
    grows = True
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.durability]

    def parse(self, reply: Any) -> None: ...
