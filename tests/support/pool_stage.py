"""A pool of workers whose store and cluster say what a test wants them to say."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from heavylift.record import Executor
from heavylift.store.calls import Foreseen, Line, Runs, WorkloadReply
from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.recommendation import Recommendation
from heavylift_autoscaler.recommender import Recommender

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Stage:
    """One pool whose recommender is asked once a second. Pods are ready at once, unless ``fleet`` says otherwise."""

    promise: Promise
    now: float = 0.0
    clock: float = 0.0  #: By how many seconds the clock of Redis is ahead of ours.
    pods: int = 0
    runs: tuple[Runs, ...] = (Runs("default", Executor.PROCESS, "work", 100_000, 80_000.0),)
    lines: tuple[Line, ...] = ()
    paused: frozenset[str] = frozenset()
    foreseen: tuple[Foreseen, ...] = ()
    fleet: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recommender = Recommender(self.promise)

    def has(self, **fields: Any) -> None:
        """From now on this is in the one queue: ready, running, due_soon, ages, kinds."""
        given = {"ready": 0, "running": 0} | fields
        self.lines = (Line("default", Executor.PROCESS, **given),)

    def foresees(self, tasks: int, within: float) -> None:
        """From now on a schedule is known, which comes so many seconds from the next tick on."""
        at = BEGIN + timedelta(seconds=self.now + 1 + within)
        self.foreseen = (Foreseen("default", Executor.PROCESS, "work", tasks, at),)

    def end(self, attempts: int, seconds: float) -> None:
        """Tasks have ended."""
        (runs,) = self.runs
        self.runs = (replace(runs, attempts=runs.attempts + attempts, seconds=runs.seconds + attempts * seconds),)

    def tick(self, *, heard: bool = True, unknown: str = "") -> Recommendation:
        """A second later. What is recommended is done."""
        self.now += 1
        if heard:
            at = BEGIN + timedelta(seconds=self.now + self.clock)
            self.recommender.learn(self.now, WorkloadReply(at, self.lines, self.runs, self.paused, self.foreseen))
        fleet = {"ordered": self.pods, "ready": self.pods, "startup": 8.0} | self.fleet
        said = self.recommender.recommend(self.now, Fleet(**fleet), unknown)
        self.pods = said.pods
        return said

    def ticks(self, seconds: int) -> Recommendation:
        """So many, with the same load."""
        return [self.tick() for _ in range(seconds)][-1]
