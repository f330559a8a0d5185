"""Tells what has changed since the last second: as facts to our telemetry, as events to Kubernetes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from heavylift.store.calls import Condition, PoolDecision, ScalingMode
from heavylift.telemetry import PoolDecided, PoolScaled, PoolTrouble, Reporter
from heavylift_autoscaler.cluster.herald import Herald, Said
from heavylift_autoscaler.cluster.resources import Object

#: What is no trouble, and is told with the decision only.
_QUIET: Final = frozenset({"draining", "rollout"})
_DONE: Final = (ScalingMode.ACTING, ScalingMode.OVERRIDDEN)


@dataclass(slots=True)
class News:
    """Of one controller. Everything is told once; what lasts is counted by the herald."""

    reporter: Reporter
    herald: Herald
    _troubles: dict[str, set[str]] = field(default_factory=dict)

    def decided(self, decision: PoolDecision, about: Object | None) -> None:
        """A pool was looked at by the one who leads. ``about`` is its Deployment, if it is there."""
        self.reporter.report(
            PoolDecided(
                pool=decision.pool,
                mode=str(decision.mode),
                ordered=decision.target if decision.mode in _DONE else decision.current,
                wanted=decision.wanted,
                ready=decision.ready,
                starting=decision.starting,
                leaving=decision.leaving,
                wait=float("inf") if decision.would_wait is None else decision.would_wait,
            )
        )
        if decision.mode in _DONE and decision.target != decision.current:
            self._scaled(decision, about)
        self._trouble(decision.pool, [c for c in decision.conditions if c.type not in _QUIET], about)

    def unserved(self, sentences: Mapping[str, str], about: Object | None) -> None:
        """Tasks that no pool serves, by queue."""
        self._trouble("", [Condition("unserved", sentence) for sentence in sentences.values()][:1], about)

    def _scaled(self, decision: PoolDecision, about: Object | None) -> None:
        event = PoolScaled(
            pool=decision.pool,
            before=decision.current,
            after=decision.target,
            rule=decision.rule,
            reason=decision.reason,
        )
        self.reporter.report(event)
        if about is not None:
            self.herald.say(Said(about, "Normal", "Scaled", decision.reason), anew=True)

    def _trouble(self, pool: str, found: Sequence[Condition], about: Object | None) -> None:
        before = self._troubles.get(pool, set())
        self._troubles[pool] = {condition.type for condition in found}
        for condition in found:
            if condition.type not in before:
                self.reporter.report(PoolTrouble(pool=pool, trouble=condition.type, message=condition.message))
            if about is not None:
                self.herald.say(Said(about, "Warning", _REASONS.get(condition.type, "Trouble"), condition.message))


_REASONS: Final = {
    "api": "ApiServerTrouble",
    "crash": "PodsCrash",
    "image": "ImageNotPulled",
    "maximum": "MaximumReached",
    "missing": "DeploymentMissing",
    "owner": "TwoOwners",
    "quota": "QuotaExhausted",
    "unknown": "NotKnown",
    "unplaced": "NoRoom",
    "unserved": "QueueUnserved",
}
