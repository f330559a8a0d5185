"""Heavylift's recommender, fed by a simulated store and cluster as it is by real ones."""

from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from bench.scaling.load import Load
from bench.scaling.world import World
from heavylift.record import Executor
from heavylift.store.calls import Foreseen, Line, Runs, WorkloadReply
from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.recommendation import Recommendation
from heavylift_autoscaler.recommender import Recommender
from heavylift_autoscaler.startup import Startup

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLED = 32  # tasks at each end of the queue whose kinds are looked at


class Ours:
    """Asks the recommender once a second."""

    name = "heavylift"
    every = 1.0
    gentle = True

    def __init__(self, load: Load) -> None:
        slots = {Executor.PROCESS: load.slots}
        self.recommender = Recommender(Promise(wait=load.wait, maximum=load.maximum, slots=slots))
        self.said: list[tuple[float, Recommendation]] = []
        self._startup = Startup()
        self._heard = 0
        self._told: tuple[Runs, ...] = ()  # guardians tell once a second what has ended, so the store is a little behind

    def decide(self, world: World) -> int:
        self.recommender.learn(world.now, self._reply(world))
        said = self.recommender.recommend(world.now, self._fleet(world))
        if not self.said or said.pods != self.said[-1][1].pods:
            self.said.append((world.now, said))
        return said.pods

    def _reply(self, world: World) -> WorkloadReply:
        queue = world.queue
        ends = [w.work.kind for w in islice(queue, SAMPLED)] + [w.work.kind for w in islice(reversed(queue), SAMPLED)]
        kinds = {kind: number * len(queue) / len(ends) for kind, number in Counter(ends).items()}
        oldest, newest = (world.now - queue[0].since, world.now - queue[-1].since) if queue else (0.0, 0.0)
        line = Line("default", Executor.PROCESS, len(queue), world.running, 0, oldest, newest, kinds)
        told = self._told
        self._told = tuple(Runs("default", Executor.PROCESS, k, n, world.ran[k]) for k, n in sorted(world.ended.items()))
        at, foreseen = BEGIN + timedelta(seconds=world.now), self._foreseen(world.load, world.now)
        return WorkloadReply(at, (line,), told, foreseen=foreseen)

    def _foreseen(self, load: Load, now: float) -> tuple[Foreseen, ...]:
        """What schedules will submit while a pod would start."""
        first = bisect_right(load.tasks, now, key=lambda work: work.at)
        soon = takewhile(lambda work: work.at <= now + self._startup.seconds, load.tasks[first:])
        numbers = Counter((work.at, work.kind) for work in soon if work.foreseen)
        return tuple(
            Foreseen("default", Executor.PROCESS, kind, tasks, BEGIN + timedelta(seconds=at))
            for (at, kind), tasks in numbers.items()
        )

    def _fleet(self, world: World) -> Fleet:
        for seconds in world.started_in[self._heard :]:
            self._startup.learn(seconds)
        self._heard = len(world.started_in)
        here = world.here
        starting = [pod for pod in here if not pod.ready]
        left = [max(0.0, pod.ordered_at + self._startup.seconds - world.now) for pod in starting]
        return Fleet(
            ordered=len(here),
            ready=len(here) - len(starting),
            leaving=len(world.pods) - len(here),
            starting=len(starting),
            ready_in=sum(left) / len(left) if left else 0.0,
            startup=self._startup.seconds,
        )
