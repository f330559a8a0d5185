"""A queue, a deployment, and what happens one after the other. No clock but its own, no chance but from a seed."""

import heapq
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bench.scaling.load import Load, Work
from bench.scaling.outcome import Outcome, Point
from bench.scaling.pods import Pod

GRACE = 30.0  # seconds between SIGTERM and the end, as Kubernetes has it when nobody says otherwise
STARTUP = (8.0, 0.25)  # seconds from the order of a pod to its first task: the median, and how much it varies (lognormal)


class Policy(Protocol):
    """Decides how many pods there are, every so many seconds."""

    name: str
    every: float
    gentle: bool  #: Whether it takes away only pods that run nothing, after they have been told to take nothing more.

    def decide(self, world: "World") -> int: ...


@dataclass(slots=True)
class Waiting:
    """A task in the queue, since a time. ``left``: how often it will still be run."""

    work: Work
    since: float
    left: int


class World:
    """Runs one load under one policy."""

    def __init__(self, load: Load, policy: Policy, seed: int, point_every: int = 10) -> None:
        self.load, self.policy = load, policy
        self.now = 0.0
        self.queue: deque[Waiting] = deque()
        self.pods: list[Pod] = []
        self.ended: Counter[str] = Counter()  #: Attempts by kind.
        self.ran: defaultdict[str, float] = defaultdict(float)  #: Their seconds.
        self.started_in: list[float] = []  #: Start-up times of pods that became ready.
        self.busy_seconds = 0.0
        self.outcome = Outcome()
        self._draw = random.Random(seed)
        self._free: list[Pod] = []  # once for each free slot; those of pods that take nothing more are dropped when they come up
        self._in_hand: dict[int, tuple[Pod, Waiting, float]] = {}
        self._events: list[tuple[float, int, Callable[..., None], Any]] = []
        self._number = 0
        self._point_every = point_every
        self._worst = 0.0

    def run(self) -> Outcome:
        """From the first task to the end of the load."""
        self._later(0.0, self._tick, None)
        self._later(0.0, self._look, None)
        tasks, next_ = self.load.tasks, 0
        while True:
            event_at = self._events[0][0]
            arrives_at = tasks[next_].at if next_ < len(tasks) else float("inf")
            at = min(event_at, arrives_at)
            if at >= self.load.length:
                return self.outcome
            self.now = at
            if arrives_at <= event_at:
                self.queue.append(Waiting(tasks[next_], at, tasks[next_].lives))
                next_ += 1
                self._start()
            else:
                _, _, what, about = heapq.heappop(self._events)
                what(about)

    @property
    def running(self) -> int:
        """Tasks in hand."""
        return len(self._in_hand)

    @property
    def here(self) -> list[Pod]:
        """Pods that are not asked to leave."""
        return [pod for pod in self.pods if not pod.leaving]

    def _later(self, at: float, what: Callable[[Any], None], about: Any) -> None:
        self._number += 1
        heapq.heappush(self._events, (at, self._number, what, about))

    def _tick(self, _: None) -> None:
        self._order(self.policy.decide(self))
        self._later(self.now + self.policy.every, self._tick, None)

    def _order(self, wanted: int) -> None:
        here = self.here
        if wanted != len(here):
            self.outcome.orders.append((self.now, wanted))
        for _ in range(wanted - len(here)):
            pod = Pod(self.now, self.now + self._draw.lognormvariate(0, STARTUP[1]) * STARTUP[0])
            self.pods.append(pod)
            self._later(pod.ready_at, self._ready, pod)
        if wanted < len(here):
            for pod in self._victims(here)[: len(here) - wanted]:
                self._leave(pod)

    def _victims(self, here: list[Pod]) -> list[Pod]:
        """Those that are not ready first, as a ReplicaSet does; then the youngest, or those that run the least."""
        if self.policy.gentle:
            return sorted(here, key=lambda pod: (pod.ready, len(pod.running), -pod.ordered_at))
        return sorted(here, key=lambda pod: (pod.ready, -pod.ready_at))

    def _leave(self, pod: Pod) -> None:
        pod.leaving = True
        if not pod.running:
            self._end(pod)
        elif not self.policy.gentle:
            self._later(self.now + GRACE, self._kill, pod)

    def _kill(self, pod: Pod) -> None:
        for number in sorted(pod.running):
            _, waiting, _ = self._in_hand.pop(number)
            self.outcome.interrupted += 1
            waiting.since = self.now
            self.queue.appendleft(waiting)
        pod.running.clear()
        self._end(pod)
        self._start()

    def _end(self, pod: Pod) -> None:
        if not pod.gone:
            pod.gone = True
            self.pods.remove(pod)

    def _ready(self, pod: Pod) -> None:
        if not pod.leaving:
            pod.ready = True
            self.started_in.append(self.now - pod.ordered_at)
            self._free += [pod] * self.load.slots
            self._start()

    def _start(self) -> None:
        while self.queue and (pod := self._slot()):
            waiting = self.queue.popleft()
            self.outcome.waits.append(self.now - waiting.since)
            self._number += 1
            pod.running.add(self._number)
            self._in_hand[self._number] = (pod, waiting, self.now)
            self._later(self.now + waiting.work.seconds, self._finish, self._number)

    def _slot(self) -> Pod | None:
        while self._free:
            i = self._draw.randrange(len(self._free))
            self._free[i], self._free[-1] = self._free[-1], self._free[i]
            pod = self._free.pop()
            if pod.takes:
                return pod
        return None

    def _finish(self, number: int) -> None:
        if number not in self._in_hand:
            return  # it was interrupted
        pod, waiting, started_at = self._in_hand.pop(number)
        pod.running.remove(number)
        self.ended[waiting.work.kind] += 1
        self.ran[waiting.work.kind] += self.now - started_at
        if waiting.left > 1:
            self.queue.appendleft(Waiting(waiting.work, self.now, waiting.left - 1))
        if pod.takes:
            self._free.append(pod)
        elif not pod.running:
            self._end(pod)
        self._start()

    def _look(self, _: None) -> None:
        """Once a second."""
        oldest = self.now - self.queue[0].since if self.queue else 0.0
        outcome = self.outcome
        outcome.late_seconds += oldest > self.load.wait
        outcome.pod_seconds += len(self.pods)
        self.busy_seconds += self.running
        self._worst = max(self._worst, oldest)
        if round(self.now) % self._point_every == 0:
            outcome.points.append(Point(self.now, self._worst, len(self.pods), outcome.pod_seconds))
            self._worst = 0.0
        self._later(self.now + 1.0, self._look, None)
