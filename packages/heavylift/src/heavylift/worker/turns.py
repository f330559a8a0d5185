"""Whose turn it is: the order in which a child reads the lanes of its queues. Pure.

Queues take turns by their weights, and within a queue its priorities by theirs. It is stride scheduling (Waldspurger and Weihl,
1995), which spreads turns as smoothly as nginx' weighted round robin and is as deterministic: each has a pass, which a turn moves
on by 1/weight, and the one that would then be least goes first. Here whoever was served pays, and not who was picked: which lanes
were empty is only known after they were read, so that an empty one costs the others nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from heavylift.record import Executor, Priority
from heavylift.store.calls import stream_of

#: Each four times the next: with all of them full, low gets every twenty-first turn, and high three of four.
PRIORITIES: Final[Mapping[str, int]] = {Priority.HIGH: 16, Priority.NORMAL: 4, Priority.LOW: 1}


class Ring:
    """A few who take turns by weight, named in the order that breaks ties; without turns, the order in which they are named."""

    def __init__(self, weights: Mapping[str, int], *, strict: bool = False) -> None:
        self._weights = dict(weights)
        self._passes = dict.fromkeys(weights, 0.0)
        self._turns = not strict and len(weights) > 1

    def order(self) -> Sequence[str]:
        """Who goes first, and who after that when the one before has nothing."""
        return sorted(self._weights, key=self._next_pass) if self._turns else tuple(self._weights)

    def pay(self, turns: Mapping[str, float]) -> None:
        """Hear how many turns each has had since ``order``, which were taken in that order until there was enough."""
        if not self._turns or not turns:
            return
        order = self.order()
        last = max(order.index(name) for name in turns)
        now = self._passes[order[last]]
        for name, had in turns.items():
            self._passes[name] += had / self._weights[name]
        for name in order[:last]:  # they were found empty, and nobody saves up turns for later
            self._passes[name] = max(self._passes[name], now)

    def start_anew(self) -> None:
        """Forget who had how many turns: nobody waits for one."""
        self._passes = dict.fromkeys(self._weights, 0.0)

    def _next_pass(self, name: str) -> float:
        return round(self._passes[name] + 1 / self._weights[name], 6)  # three thirds are one: ties go by the order of names


class Turns:
    """The turns of all lanes that one child reads: by queue, then by priority, then by kind of child.

    What came back from a dead or stopping worker goes first in its queue. A queue pays for it, so that one whose tasks come back
    often does not live at the cost of others; its priorities have paid when it was taken for the first time.
    """

    def __init__(
        self,
        queues: Mapping[str, int],
        executors: Iterable[Executor] = (Executor.PROCESS,),
        *,
        strict_queues: bool = False,
        strict_priorities: bool = False,
    ) -> None:
        kinds = {str(executor): 1 for executor in executors}
        self._queues = Ring(queues, strict=strict_queues)
        self._priorities = {queue: Ring(PRIORITIES, strict=strict_priorities) for queue in queues}
        self._executors = {(queue, lane): Ring(kinds) for queue in queues for lane in ("returned", *PRIORITIES)}

    def order(self) -> list[str]:
        """The streams in the order of reading."""
        return [
            stream_of(queue, executor, lane)
            for queue in self._queues.order()
            for lane in ("returned", *self._priorities[queue].order())
            for executor in self._executors[queue, lane].order()
        ]

    def pay(self, turns: Mapping[str, float]) -> None:
        """Hear how many turns each stream has had since ``order``, which were taken in that order until there was enough."""
        queues: defaultdict[str, float] = defaultdict(float)
        lanes: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        executors: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
        for stream, had in turns.items():
            queue, executor, lane = stream.rsplit(":", 2)
            queues[queue] += had
            lanes[queue][lane] += had
            executors[queue, lane][executor] = had
        self._queues.pay(queues)
        for queue, by_lane in lanes.items():
            self._priorities[queue].pay({lane: had for lane, had in by_lane.items() if lane != "returned"})
        for place, by_executor in executors.items():
            self._executors[place].pay(by_executor)

    def start_anew(self) -> None:
        """Hear that every stream was found empty: whoever comes next finds the order as it was in the beginning."""
        for ring in (self._queues, *self._priorities.values(), *self._executors.values()):
            ring.start_anew()
