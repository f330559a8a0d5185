"""Keeps one pool at its size: looks, decides, acts, and says what it did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from heavylift.errors import HeavyliftError
from heavylift.store.calls import Condition, PoolDecision, ScalingMode, Steering
from heavylift_autoscaler import conditions
from heavylift_autoscaler.cluster.api import ApiTrouble
from heavylift_autoscaler.cluster.hands import Hands
from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.intent import Intent, intend
from heavylift_autoscaler.recommendation import Recommendation
from heavylift_autoscaler.recommender import Recommender
from heavylift_autoscaler.roster import Roster
from heavylift_autoscaler.scale_in import Rest, ScaleIn
from heavylift_autoscaler.scene import Scene
from heavylift_autoscaler.settings import AutoscalerSettings, Pool


@dataclass(slots=True)
class PoolKeeper:
    """Of one pool. It is asked once a second, whether it may act or not, so that it knows all when it may."""

    pool: Pool
    settings: AutoscalerSettings
    namespace: str
    hands: Hands
    rest: Rest
    recommender: Recommender = field(init=False)
    roster: Roster = field(init=False, default_factory=Roster)
    _scale_in: ScaleIn = field(init=False)

    def __post_init__(self) -> None:
        self.recommender = Recommender(self.pool.promise)
        self._scale_in = ScaleIn(self.rest, self.hands.mark)

    def keep(self, now: float, scene: Scene, *, steering: Steering | None, unknown: str, leads: bool) -> PoolDecision:
        """One round, at ``now`` seconds of a clock that does not go back. ``unknown``: why the store says nothing, or ''."""
        fleet = self._look(now, scene)
        said = self.recommender.recommend(now, fleet, unknown=scene.trouble or unknown)
        intent = intend(said, fleet.ordered, self.settings, steering)
        found = self._what_is_wrong(scene, said, acts=intent.acts)
        mode, target, ordered = intent.mode, intent.target, fleet.ordered
        if intent.acts and any(condition.type in ("owner", "missing", "api") for condition in found):
            mode, target = ScalingMode.REFUSED, ordered
        elif intent.acts and leads:
            target, more = self._act(now, scene, intent)
            found += more
            mode = ScalingMode.REFUSED if any(condition.type == "api" for condition in more) else mode
        return self._decision(said, fleet, intent, mode, target, found)

    def _look(self, now: float, scene: Scene) -> Fleet:
        self.roster.look(now, scene.pods)
        ordered = scene.deployment.ordered if scene.deployment else 0
        return self.roster.fleet(now, ordered, scene.pods, forbidden=bool(scene.deployment and scene.deployment.forbidden))

    def _what_is_wrong(self, scene: Scene, said: Recommendation, *, acts: bool) -> list[Condition]:
        found = [conditions.api(scene.trouble)] if scene.trouble else []
        if scene.deployment is None:
            return found or [conditions.missing(self.pool.deployment, self.namespace)]
        if scene.owner and acts:
            found.append(conditions.owned(scene.owner, self.pool.deployment))
        found += conditions.of_pods(scene.pods, scene.deployment.forbidden)
        return found + [found_ for found_ in conditions.of_recommendation(said) if not scene.trouble]

    def _act(self, now: float, scene: Scene, intent: Intent) -> tuple[int, list[Condition]]:
        """Change what is to be changed. Returns how many pods are ordered from now on, and what is in the way of that."""
        deployment = scene.deployment
        assert deployment is not None  # noqa: S101  a pool without one is refused
        try:
            if intent.target < deployment.ordered and deployment.rolling:
                self._scale_in.call_off(scene.pods)
                return deployment.ordered, [conditions.rolling()]
            if intent.target < deployment.ordered:
                return self._take_away(now, scene, intent.target, deployment.ordered)
            self._scale_in.call_off(scene.pods)
            if intent.target > deployment.ordered:
                self.hands.scale(deployment.name, deployment.ordered, intent.target)
        except ApiTrouble as trouble:
            return deployment.ordered, [conditions.api(str(trouble))]
        except HeavyliftError as trouble:
            return deployment.ordered, [Condition("unknown", str(trouble))]
        return intent.target, []

    def _take_away(self, now: float, scene: Scene, target: int, ordered: int) -> tuple[int, list[Condition]]:
        missing = max(0, ordered - sum(not pod.leaving and not pod.over for pod in scene.pods))
        number = self._scale_in.step(now, scene.pods, ordered - target - missing) + min(missing, ordered - target)
        waits = [conditions.waiting(self._scale_in.waits_for)] if self._scale_in.waits_for else []
        if number:
            self.hands.scale(self.pool.deployment, ordered, ordered - number)
        return ordered - number, waits

    def _decision(
        self,
        said: Recommendation,
        fleet: Fleet,
        intent: Intent,
        mode: ScalingMode,
        target: int,
        found: Sequence[Condition],
    ) -> PoolDecision:
        coming = f", first new worker in about {fleet.startup:.0f} s" if intent.target > fleet.ordered else ""
        return PoolDecision(
            pool=self.pool.name,
            deployment=self.pool.deployment,
            mode=mode,
            current=fleet.ordered,
            target=target,
            wanted=said.pods,
            rule=str(said.rule),
            reason=f"{intent.reason}{coming}",
            would_wait=said.would_wait if isfinite(said.would_wait) else None,
            startup=fleet.startup,
            ready=fleet.ready,
            starting=fleet.starting,
            leaving=fleet.leaving,
            queues=self.pool.queues,
            conditions=tuple(found),
            minimum=self.pool.minimum,
            maximum=self.pool.maximum,
        )
