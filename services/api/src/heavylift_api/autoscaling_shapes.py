"""The shapes of what the autoscaler decided."""

from pydantic import ConfigDict, Field

from heavylift.store.calls import PoolDecision, Scaling, ScalingMode, Steering
from heavylift_api import autoscaling_examples as examples
from heavylift_api.schemas import Moment, Shape


class ConditionView(Shape):
    """Something that somebody should know."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.CONDITIONS})

    type: str = Field(description="A word for machines, such as `quota`, `image`, `crash`, `owner`; docs/scaling.md lists them.")
    message: str = Field(description="One sentence.")


class SteeringView(Shape):
    """What a person wants of a pool."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.STEERED]})

    replicas: int | None = Field(description="Pods that there are to be; null: as many as there are.")
    reason: str
    by: str
    since: Moment | None
    until: Moment | None = Field(description="When it is over; null: when somebody takes it back.")


class PoolView(Shape):
    """The latest decision about one pool of workers, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.POOLS})

    name: str
    deployment: str
    mode: ScalingMode = Field(description="Whether the decision is carried out (`acting`, `overridden`), and if not, why.")
    current: int = Field(description="Pods that were ordered before.")
    target: int = Field(description="Pods that there are to be.")
    wanted: int = Field(description="Pods that were recommended.")
    rule: str = Field(
        description="What decided: `need`, `steady`, `calm`, `running`, `minimum`, `maximum`, `cluster`, `unknown`."
    )
    reason: str = Field(description="One sentence.")
    would_wait: float | None = Field(
        description="Seconds that the newest task would wait with the pods that there are; null when nobody would start it."
    )
    startup: float = Field(description="Seconds from the order of a pod to its first task, as learnt from earlier ones.")
    ready: int
    starting: int
    leaving: int = Field(description="Pods that finish what they run and take nothing more.")
    minimum: int = Field(description="Pods that there are at least.")
    maximum: int | None = Field(description="Pods that there are at most; null where an autoscaler of an older release decided.")
    steering: SteeringView | None = Field(description="What a person wants of this pool; null when nobody does.")
    conditions: tuple[ConditionView, ...]


class Autoscaling(Shape):
    """What was decided last about every pool of workers."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.AUTOSCALING})

    at: Moment | None = Field(description="When; it is seconds ago while an autoscaler acts. null: there never was one.")
    leader: str | None = Field(description="The replica of the autoscaler that decided.")
    engine: str | None = Field(
        description="Who changes the number of pods: `controller`, `keda`, or `none`; null where that is not known."
    )
    pools: tuple[PoolView, ...]
    unserved: dict[str, str] = Field(description="By queue, a sentence about tasks that wait and that no pool serves.")


def autoscaling_view(scaling: Scaling) -> Autoscaling:
    """What the store keeps of it, as it looks from outside."""
    report = scaling.report
    if report is None:
        return Autoscaling(at=None, leader=None, engine=None, pools=(), unserved={})
    pools = tuple(_pool_view(decision, scaling.steering.get(decision.pool)) for decision in report.decisions)
    engine = report.engine or None
    return Autoscaling(at=report.at, leader=report.leader, engine=engine, pools=pools, unserved=dict(report.unserved))


def _pool_view(decision: PoolDecision, steering: Steering | None) -> PoolView:
    return PoolView(
        name=decision.pool,
        deployment=decision.deployment,
        mode=decision.mode,
        current=decision.current,
        target=decision.target,
        wanted=decision.wanted,
        rule=decision.rule,
        reason=decision.reason,
        would_wait=decision.would_wait,
        startup=decision.startup,
        ready=decision.ready,
        starting=decision.starting,
        leaving=decision.leaving,
        minimum=decision.minimum,
        maximum=decision.maximum,
        steering=steering_view(steering) if steering else None,
        conditions=tuple(ConditionView(type=told.type, message=told.message) for told in decision.conditions),
    )


def steering_view(said: Steering) -> SteeringView:
    """What a person wants, as it looks from outside."""
    return SteeringView(replicas=said.replicas, reason=said.reason, by=said.by, since=said.since, until=said.until)
