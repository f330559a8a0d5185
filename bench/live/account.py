"""What a pool that was seen comes to, in numbers. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

from bench.live.contenders import WAIT
from bench.live.seen import Order, PodLife, PoolSeen, TaskLife
from bench.live.shapes import Shape
from bench.scaling.outcome import Outcome, Point
from bench.summary import percentile

GRID: Final = 0.5  #: Seconds between two looks at how long the oldest task has waited.
SETTLED: Final = 60.0  #: Seconds in which nobody knows the load yet, and going up and down is no flapping.


@dataclass(frozen=True, slots=True)
class Account:
    """``late_seconds``: for how long the oldest task had waited longer than promised. ``cost``: pod-seconds beside the ideal.

    ``turns``: how often the number went down after up, or up after down, once it had settled.
    """

    tasks: int
    lost: int
    late_seconds: float
    late_tasks: float
    peak_wait: float
    median_wait: float
    pod_seconds: float
    ideal: float
    interrupted: int
    decisions: int
    turns: int
    requests: int

    @property
    def cost(self) -> float:
        """Of the ideal."""
        return self.pod_seconds / self.ideal

    def numbers(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def account(shape: Shape, seen: PoolSeen, startup: float) -> Account:
    """The verdict on one pool; ``startup`` is in seconds."""
    waits = [task.wait for task in seen.tasks if task.wait is not None] or [0.0]
    late = [oldest - WAIT for _, oldest in _oldest(seen)]
    return Account(
        tasks=len(seen.tasks),
        lost=sum(task.state != "succeeded" for task in seen.tasks),
        late_seconds=sum(GRID for seconds in late if seconds > 0),
        late_tasks=sum(wait > WAIT for wait in waits) / len(waits),
        peak_wait=max(waits),
        median_wait=percentile(sorted(waits), 50),
        pod_seconds=pod_seconds(seen.lives, seen.begin, seen.end),
        ideal=shape.ideal(startup),
        interrupted=sum(task.interrupted for task in seen.tasks),
        decisions=_changes(seen.orders),
        turns=turns([order for order in seen.orders if order.at > seen.begin + SETTLED]),
        requests=sum(seen.requests.values()),
    )


def pod_seconds(lives: Sequence[PodLife], begin: float, end: float) -> float:
    """Seconds for which pods were there, also while they started and while they ended."""
    return sum(max(0.0, min(life.gone or end, end) - max(life.created, begin)) for life in lives)


def startups(lives: Sequence[PodLife]) -> list[float]:
    """Seconds from when a pod was made until it was ready."""
    return [life.ready - life.created for life in lives if life.ready is not None]


def turns(orders: Sequence[Order]) -> int:
    """How often it went down after up, or up after down."""
    ways = [after.replicas > before.replicas for before, after in pairwise(orders) if after.replicas != before.replicas]
    return sum(one != other for one, other in pairwise(ways))


def outcome(seen: PoolSeen, every: float = 2.0) -> Outcome:
    """For the picture: a point each so many seconds."""
    oldest = dict(_oldest(seen))
    moments = sorted(at for at in oldest if round((at - seen.begin) / GRID) % round(every / GRID) == 0)
    points = [
        Point(at - seen.begin, oldest[at], _pods_at(seen.lives, at), pod_seconds(seen.lives, seen.begin, at)) for at in moments
    ]
    return Outcome(points=points)


def _pods_at(lives: Sequence[PodLife], at: float) -> int:
    return sum(life.created <= at < (life.gone or at + 1) for life in lives)


def _oldest(seen: PoolSeen) -> list[tuple[float, float]]:
    """At each moment of the grid, for how long the task has waited that has waited longest."""
    moments = [seen.begin + GRID * i for i in range(int((seen.end - seen.begin) / GRID) + 1)]
    return [(at, max((at - task.submitted for task in seen.tasks if _waits(task, at)), default=0.0)) for at in moments]


def _waits(task: TaskLife, at: float) -> bool:
    return task.submitted <= at and (not task.began or at < task.began[0])


def _changes(orders: Sequence[Order]) -> int:
    return sum(after.replicas != before.replicas for before, after in pairwise(orders))
