"""A person steers the pools of workers, for a while."""

from collections.abc import Sequence
from typing import Final

from heavylift.catalogue import near_names
from heavylift.store.calls import PoolDecision, ReadScaling, Scaling, ScalingMode, Steer, Steering
from heavylift_api.autoscaling_shapes import steering_view
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import PoolNotFound, SubmissionInvalid
from heavylift_api.schemas import Fault
from heavylift_api.steering_shapes import FreezeRequest, OverrideRequest, SteeredPools

_SEEN_TO: Final = "the autoscaler sees to it within a few seconds"
_DRY: Final = "nothing changes: the autoscaler only tries (HEAVYLIFT_AUTOSCALER_DRY_RUN)"
_EFFECTS: Final = {
    "keda": "KEDA is told so when it asks next, within its polling interval; fewer pods come after its own stabilization",
    "none": "nothing changes: the engine is none, so nobody but you changes the number of pods",
}


class SteeringOffice:
    """Keeps what people want of pools. These belong to all tenants, so to one who calls for a single tenant there are none."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def override(self, caller: Caller, pool: str, asked: OverrideRequest) -> SteeredPools:
        """So many pods for so long. Raises PoolNotFound, SubmissionInvalid."""
        decision = _named(pool, await self._scaling(caller))
        _check_bounds(decision, asked.replicas)
        return await self._steer(caller, [pool], Steering(asked.replicas, asked.reason, _by(caller)), asked.expires_in)

    async def freeze(self, caller: Caller, pool: str | None, asked: FreezeRequest) -> SteeredPools:
        """As many pods as there are for so long, in one pool or in all. Raises PoolNotFound."""
        pools = _pools(pool, await self._scaling(caller))
        return await self._steer(caller, pools, Steering(None, asked.reason, _by(caller)), asked.expires_in)

    async def release(self, caller: Caller, pool: str | None) -> SteeredPools:
        """The autoscaler decides again, about one pool or all. Raises PoolNotFound."""
        return await self._steer(caller, _pools(pool, await self._scaling(caller)), None)

    async def _steer(
        self, caller: Caller, pools: Sequence[str], steering: Steering | None, seconds: float | None = None
    ) -> SteeredPools:
        for pool in pools:
            await self._store.run(Steer(pool, steering, seconds))
        scaling = await self._scaling(caller)
        kept = scaling.steering.get(pools[0])
        return SteeredPools(pools=tuple(pools), steering=steering_view(kept) if kept else None, effect=_effect(scaling))

    async def _scaling(self, caller: Caller) -> Scaling:
        if caller.tenant:
            raise PoolNotFound("pools of workers serve all tenants, so a key of one tenant steers none")
        return await self._store.run(ReadScaling())


def _pools(pool: str | None, scaling: Scaling) -> list[str]:
    if pool is not None:
        return [_named(pool, scaling).pool]
    return [decision.pool for decision in _decisions(scaling)]


def _named(pool: str, scaling: Scaling) -> PoolDecision:
    decisions = {decision.pool: decision for decision in _decisions(scaling)}
    if pool not in decisions:
        near = near_names(pool, decisions)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(decisions))}"
        raise PoolNotFound(f"there is no pool {pool[:64]!r}; {hint}", near)
    return decisions[pool]


def _decisions(scaling: Scaling) -> tuple[PoolDecision, ...]:
    if scaling.report is None or not scaling.report.decisions:
        raise PoolNotFound("no autoscaler has decided anything here yet, so there is no pool to steer")
    return scaling.report.decisions


def _check_bounds(decision: PoolDecision, replicas: int) -> None:
    if replicas < decision.minimum or (decision.maximum is not None and replicas > decision.maximum):
        bounds = f"the pool {decision.pool} has {decision.minimum} to {decision.maximum} pods"
        message = f"is {replicas}, and {bounds}; take a number between, or change its settings"
        raise SubmissionInvalid([Fault(field="replicas", message=message)])


def _effect(scaling: Scaling) -> str:
    report = scaling.report
    if report is None:
        return _SEEN_TO
    if any(decision.mode is ScalingMode.DRY_RUN for decision in report.decisions):
        return _DRY
    return _EFFECTS.get(report.engine, _SEEN_TO)


def _by(caller: Caller) -> str:
    return caller.name or "somebody"
