"""The pods of one pool as the recommender wants to know them, and how long they take to get ready."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.pods import Pod
from heavylift_autoscaler.startup import Startup

LATE: Final = 3.0  # times as long as others is too long
LATEST: Final = 30.0  # seconds more that it takes at least to be called so: a new image may have to be pulled
UNSTEADY: Final = 30.0  # seconds that a pod that was ready may not be before it is no longer counted


@dataclass(slots=True)
class _Sight:
    """Since when a pod is known and has a place, and since when it has not been ready; whether it ever was."""

    since: float
    from_birth: bool
    placed_at: float | None = None
    was_ready: bool = False
    unready_since: float = 0.0


@dataclass(slots=True)
class Roster:
    """Looks at the pods once a second. All times are seconds of a clock that does not go back, and not those of the cluster."""

    startup: Startup = field(default_factory=Startup)
    _sights: dict[str, _Sight] = field(default_factory=dict)
    _began: bool = False

    def look(self, now: float, pods: Sequence[Pod]) -> None:
        """Learn from what there is."""
        known = {pod.uid for pod in pods}
        self._sights = {uid: sight for uid, sight in self._sights.items() if uid in known}
        for pod in pods:
            sight = self._sights.setdefault(pod.uid, _Sight(now, self._began and not pod.ready))
            self._follow(now, pod, sight)
        self._began = True

    def fleet(self, now: float, ordered: int, pods: Sequence[Pod], *, forbidden: bool) -> Fleet:
        """``forbidden``: whether the cluster refuses to make the pods that miss."""
        there = [pod for pod in pods if not pod.over]
        staying = [pod for pod in there if not pod.leaving]
        unplaced = [pod for pod in staying if pod.unplaced and not self._counts(now, pod)]
        failing = [pod for pod in staying if pod not in unplaced and not self._counts(now, pod) and self._fails(now, pod)]
        ready = [pod for pod in staying if self._counts(now, pod)]
        starting = [pod for pod in staying if pod not in (*unplaced, *failing, *ready)]
        missing = max(0, ordered - len(staying))
        ages = [now - self._sights[pod.uid].since for pod in starting] + [0.0] * (0 if forbidden else missing)
        return Fleet(
            ordered=ordered,
            ready=min(len(ready), ordered),
            leaving=len(there) - len(staying),
            starting=len(ages),
            ready_in=max((max(0.5, self.startup.seconds - age) for age in ages), default=0.0),
            unplaced=len(unplaced) + (missing if forbidden else 0),
            failing=len(failing),
            startup=self.startup.seconds,
        )

    def _follow(self, now: float, pod: Pod, sight: _Sight) -> None:
        if pod.placed and sight.placed_at is None:
            sight.placed_at = now
        if pod.ready:
            waited_for_a_node = sight.placed_at is None or sight.placed_at - sight.since > 2.0
            if sight.from_birth and not sight.was_ready and not waited_for_a_node:
                self.startup.learn(now - sight.since)
            sight.was_ready, sight.unready_since = True, now

    def _counts(self, now: float, pod: Pod) -> bool:
        sight = self._sights[pod.uid]
        return pod.ready or (sight.was_ready and not pod.broken and now - sight.unready_since < UNSTEADY)

    def _fails(self, now: float, pod: Pod) -> bool:
        sight = self._sights[pod.uid]
        return pod.broken or sight.was_ready or now - sight.since > max(LATE * self.startup.seconds, LATEST)
