"""How many pods a pool should have: from what the store and the cluster say to a number and its reason.

It does no I/O and reads no clock: whoever asks brings both, so that days of load can be tried in seconds.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from heavylift.record import Executor
from heavylift.store.calls import WorkloadReply
from heavylift_autoscaler.arrivals import Arrivals
from heavylift_autoscaler.bounds import Bounds, bounded
from heavylift_autoscaler.calm import Calm
from heavylift_autoscaler.capacity import capacity_of
from heavylift_autoscaler.demand import demand_of, with_idle_lines
from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.need import Finding, need
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.reasons import reason_of, reason_to_hold
from heavylift_autoscaler.recommendation import Recommendation
from heavylift_autoscaler.run_times import RunTimes

STALE: Final = 5.0  # seconds: several questions to the store have gone unanswered
SETTLING: Final = 60.0  # seconds after something was unknown in which no pod is taken away: tasks may still be on their way back
SHORTEST: Final = (
    120.0  # seconds over which arrivals are averaged; twice the promise if that is longer, as a queue levels out the rest
)


class Recommender:
    """Decides for one pool, about once a second. All times are seconds of one clock that does not go back."""

    def __init__(self, promise: Promise) -> None:
        self.promise = promise
        self._arrivals = Arrivals(max(SHORTEST, 2 * promise.wait))
        self._times = RunTimes()
        self._calm: Calm | None = None
        self.reply: WorkloadReply | None = None  #: What the store said last.
        self._learnt_at = -math.inf
        self._unsure_until, self._unsure = -math.inf, ""

    def learn(self, now: float, reply: WorkloadReply) -> None:
        """Hear what the store said at ``now``."""
        if reason := self._arrivals.learn(reply):
            self._doubt(now, reason)
        elapsed = 0.0 if self.reply is None else max(0.0, (reply.at - self.reply.at).total_seconds())
        self._times.learn(reply.runs, elapsed)
        self.reply, self._learnt_at = reply, now

    def recommend(self, now: float, fleet: Fleet, unknown: str = "") -> Recommendation:
        """How many pods, and why. ``unknown``: why nothing can be known at this moment, such as a failover, or ''."""
        unknown = unknown or self._stale(now)
        if unknown or self.reply is None:
            self._doubt(now, unknown)
            return reason_to_hold(max(fleet.ordered, self.promise.minimum), unknown)
        findings = [self._find(executor, self.reply, fleet) for executor in self.promise.slots]
        return self._decide(now, fleet, max(findings, key=lambda finding: finding.pods), _running_pods(findings))

    def _find(self, executor: Executor, reply: WorkloadReply, fleet: Fleet) -> Finding:
        promise, slots = self.promise, self.promise.slots[executor]
        until = reply.at + timedelta(seconds=fleet.startup)
        lines = [line for line in with_idle_lines(reply) if promise.serves(line.queue, line.executor, executor)]
        soon = [f for f in reply.foreseen if f.at <= until and promise.serves(f.queue, f.executor, executor)]
        demand = demand_of(lines, self._arrivals, self._times, soon, reply.paused)
        capacity = capacity_of(fleet, slots, demand.running, demand.stuck)
        return Finding(demand, need(demand, capacity, promise, fleet.startup), slots)

    def _decide(self, now: float, fleet: Fleet, finding: Finding, running: int) -> Recommendation:
        if self._calm is None:
            self._calm = Calm(self.promise.calm)
            self._calm.greatest(now, fleet.ordered)  # who has just come does not know what was needed before
        bounds = Bounds(greatest=self._calm.greatest(now, finding.pods), running=running, sure=now >= self._unsure_until)
        pods, rule = bounded(finding, fleet, self.promise, bounds)
        return reason_of(pods, rule, finding, fleet, self.promise, self._unsure)

    def _stale(self, now: float) -> str:
        if self.reply is None:
            return "the store has not told anything yet"
        silence = now - self._learnt_at
        return f"the store has said nothing for {silence:.0f} s" if silence > STALE else ""

    def _doubt(self, now: float, reason: str) -> None:
        self._unsure_until, self._unsure = now + SETTLING, reason


def _running_pods(findings: Sequence[Finding]) -> int:
    return max(math.ceil(finding.demand.running / finding.slots) for finding in findings)
