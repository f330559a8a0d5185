"""Fewer pods, step by step: the victims rest, are seen idle, are marked, the mark is seen, and then they go."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from heavylift.store.calls import Host
from heavylift_autoscaler.pods import Pod
from heavylift_autoscaler.victims import choose, is_idle

RESTING: Final = 10.0  # seconds that an order to rest holds; it is repeated with each step
MARK: Final = "-1000"  # what the deletion of a victim costs; that of others is 0 unless somebody says more
SEEN: Final = 1.0  # seconds after a mark was seen here before it is relied on: the controller of Kubernetes sees it for itself

Rest = Callable[[Sequence[str], float], Mapping[str, Host]]
Mark = Callable[[str, str | None], None]


@dataclass(slots=True)
class ScaleIn:
    """Of one pool. ``rest`` tells hosts to rest for so many seconds, and returns what all have in hand after that.

    ``mark`` says what the deletion of a pod costs, or says nothing any more.
    """

    rest: Rest
    mark: Mark
    _resting: dict[str, str] = field(default_factory=dict)  # hosts of the victims, by the names of their pods
    _marked: dict[str, float | None] = field(default_factory=dict)  # when the mark of a pod was first seen
    _wrong_at: float = -math.inf  # when a pod was last seen with a mark that it should not have
    waits_for: str = ""  #: What holds it up, in words, or ''.

    def step(self, now: float, pods: Sequence[Pod], number: int) -> int:
        """Go on towards ``number`` pods fewer. Returns how many may go at this moment."""
        hosts = self.rest([pod.host for pod in pods if pod.name in self._resting], RESTING)
        victims = choose(pods, number, hosts, self._resting)
        self._let_go({pod.name for pod in victims}, pods)
        told = [pod for pod in victims if pod.name in self._resting]
        idle = [pod for pod in told if is_idle(pod, hosts)]
        if new := [pod for pod in victims if pod.name not in self._resting]:
            self._resting |= {pod.name: pod.host for pod in new}
            self.rest([pod.host for pod in new], RESTING)
        gone = [pod for pod in idle if self._is_marked(now, pod)]
        self._unmark(now, [pod for pod in pods if pod not in idle])
        # Kubernetes takes those that are not ready before all others, whatever their marks say.
        in_danger = [pod for pod in pods if not (pod.ready or pod.leaving or pod.over or pod in gone) and pod.host in hosts]
        self.waits_for = _held_up(victims, idle, in_danger)
        return 0 if in_danger or now - self._wrong_at < SEEN else len(gone)

    def call_off(self, pods: Sequence[Pod]) -> None:
        """The pods are needed after all."""
        self.waits_for = ""
        self._unmark(-math.inf, pods)
        if self._resting:
            self._let_go(set(), pods)

    def _is_marked(self, now: float, pod: Pod) -> bool:
        if pod.cost != MARK:
            self._marked[pod.name] = None
            self.mark(pod.name, MARK)
            return False
        seen = self._marked.setdefault(pod.name, None)
        if seen is None:
            seen = self._marked[pod.name] = now
        return now - seen >= SEEN

    def _unmark(self, now: float, others: Sequence[Pod]) -> None:
        """Take the marks off those that are not idle: they were spared, or are victims of a leader before. They would go, too."""
        wrongly = [pod for pod in others if pod.cost == MARK and not pod.leaving and not pod.over]
        for pod in wrongly:
            self._marked.pop(pod.name, None)
            self.mark(pod.name, None)
        if wrongly:
            self._wrong_at = max(self._wrong_at, now)

    def _let_go(self, victims: set[str], pods: Sequence[Pod]) -> None:
        """Those that are victims no longer may take tasks again. One that leaves drains by itself."""
        here = {pod.name: pod for pod in pods if not pod.leaving and not pod.over}
        for name in self._resting.keys() - here.keys():
            self._forget(name)
        spared = self._resting.keys() - victims
        if spared:
            self.rest([self._resting[name] for name in spared], 0.0)
        for name in spared:
            self._forget(name)

    def _forget(self, name: str) -> None:
        self._resting.pop(name, None)
        self._marked.pop(name, None)


def _held_up(victims: Sequence[Pod], idle: Sequence[Pod], unready: Sequence[Pod]) -> str:
    if unready:
        return f"{unready[0].name} is not ready, and Kubernetes would take it first"
    running = len(victims) - len(idle)
    return f"{running} of {len(victims)} pods that are to go finish what they run" if running else ""
