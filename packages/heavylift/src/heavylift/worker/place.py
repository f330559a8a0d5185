"""Where a child stands: what it must know that its siblings know otherwise."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from heavylift.record import Executor


@dataclass(frozen=True, slots=True)
class Place:
    """Its row in the slots, its name as a consumer, the queues it serves, and the kinds whose lines it reads, its own first.

    ``queues`` has the weight of each.
    """

    slot: int
    consumer: str
    queues: Mapping[str, int]
    executors: tuple[Executor, ...]

    @property
    def executor(self) -> Executor:
        """The kind of the child."""
        return self.executors[0]

    def to_json(self) -> str:
        """As the errand with which the nursery forks the child."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The place of ``to_json``."""
        told = json.loads(text)
        return cls(told["slot"], told["consumer"], told["queues"], tuple(Executor(name) for name in told["executors"]))
