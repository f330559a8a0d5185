"""The HorizontalPodAutoscaler of Kubernetes 1.35, and KEDA 2.20 before it, as their documentation describes them.

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ (algorithm, tolerance, default behaviour) and
https://keda.sh/docs/2.20/reference/scaledobject-spec/ (pollingInterval, cooldownPeriod, activation).
"""

import math
from collections import deque
from dataclasses import dataclass, field

from bench.scaling.load import Load
from bench.scaling.world import World

SYNC = 15.0  # seconds between two looks of the HPA
TOLERANCE = 0.1  # a ratio this near to 1 changes nothing
WINDOW = 300.0  # seconds for which the greatest recommendation counts on the way down
COOLDOWN = 300.0  # seconds without a task after which KEDA goes from one pod to none
TICK = 5.0  # seconds; divides all intervals


@dataclass(slots=True)
class Hpa:
    """From a ratio of what is to what should be to a number of pods, between 1 and ``maximum``."""

    maximum: int
    _past: deque[tuple[float, int]] = field(default_factory=deque)

    def decide(self, now: float, current: int, ratio: float) -> int:
        """Growing at once, by 4 pods or 100 % in 15 s; shrinking to the greatest recommendation of 300 s."""
        wanted = current if abs(ratio - 1) <= TOLERANCE else math.ceil(current * ratio)
        self._past.append((now, min(max(wanted, 1), self.maximum)))
        while self._past[0][0] <= now - WINDOW:
            self._past.popleft()
        if wanted >= current:
            return min(wanted, max(2 * current, current + 4), self.maximum)
        return min(current, max(pods for _, pods in self._past))


class Keda:
    """A scaler for the length of a stream, ready and running tasks, with a target for each pod."""

    every = TICK
    gentle = False

    def __init__(self, load: Load, name: str, target: float, polling: float) -> None:
        self.name, self.polling = name, polling
        self.target = target  #: Tasks for each pod.
        self._hpa = Hpa(load.maximum)
        self._active_at = -COOLDOWN

    def decide(self, world: World) -> int:
        length, current = len(world.queue) + world.running, len(world.here)
        if world.now % self.polling == 0:
            current = self._activate(world.now, length, current)
        if current == 0 or world.now % SYNC != 0:
            return current
        return self._hpa.decide(world.now, current, length / (self.target * current))

    def _activate(self, now: float, length: int, current: int) -> int:
        if length > 0:
            self._active_at = now
            return max(current, 1)
        return 0 if now - self._active_at >= COOLDOWN else current


class Cpu:
    """An HPA on 80 % of the processor, for tasks that compute. It is never without a pod."""

    name = "HPA on CPU"
    every = TICK
    gentle = False
    target = 0.8

    def __init__(self, load: Load) -> None:
        self._hpa = Hpa(load.maximum)
        self._busy_before = 0.0

    def decide(self, world: World) -> int:
        here = world.here
        if not here:
            return 1
        if world.now % SYNC != 0 or world.now == 0:
            return len(here)
        busy = (world.busy_seconds - self._busy_before) / SYNC / world.load.slots
        self._busy_before = world.busy_seconds
        ready = sum(pod.ready for pod in here)
        ratio = busy / max(ready, 1) / self.target
        if ratio > 1 and ready < len(here):  # pods that are not ready count as idle when there are to be more
            ratio = max(1.0, busy / len(here) / self.target)
        return self._hpa.decide(world.now, len(here), ratio)
