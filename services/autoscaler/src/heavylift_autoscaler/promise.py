"""What a pool of workers promises, and within which bounds it may keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from heavylift.record import Executor


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How long a task may wait, and how many pods there may be to see to it.

    ``wait``: seconds that a task may be ready before it is started; the longest of them, not the mean.
    ``minimum``, ``maximum``: pods. ``minimum`` may be 0.
    ``queues``: what the pool serves. ``slots``: tasks that a pod runs side by side, by kind of child. Lines of other kinds are
    read by the first one, as a worker does it.
    ``utilisation``: the share of slots that steady work may keep busy, between 0 and 1.
    ``calm``: seconds for which the greatest need counts before there are fewer pods.
    ``tolerance``: the part by which what comes in may need more than the pods that there are, before there are more.
    """

    wait: float = 30.0
    minimum: int = 0
    maximum: int = 10
    queues: tuple[str, ...] = ("default",)
    slots: Mapping[Executor, int] = field(default_factory=lambda: {Executor.PROCESS: 1})
    utilisation: float = 0.8
    calm: float = 300.0
    tolerance: float = 0.1

    def __post_init__(self) -> None:
        if self.wait <= 0:
            raise ValueError(f"wait is {self.wait} seconds: a promise needs some time, at least 1 second is sensible")
        if not 0 <= self.minimum <= self.maximum:
            raise ValueError(f"minimum is {self.minimum} and maximum {self.maximum}: 0 ≤ minimum ≤ maximum is needed")
        if not 0 < self.utilisation <= 1:
            raise ValueError(f"utilisation is {self.utilisation}: a share above 0 and at most 1 is needed")
        if not self.slots or min(self.slots.values()) < 1:
            raise ValueError("slots is to name at least one kind of child, with at least 1 slot")

    def serves(self, queue: str, executor: Executor, child: Executor) -> bool:
        """Whether the children of this kind, in this pool, run the tasks of a line."""
        return queue in self.queues and (executor if executor in self.slots else next(iter(self.slots))) is child
