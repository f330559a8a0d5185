"""What was decided about the size of the pools, and how people steer it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from heavylift.record import from_ms
from heavylift.store.calls.call import Call, Limits, milliseconds, pairs


class ScalingMode(StrEnum):
    """Whether a decision is carried out, and if not, why."""

    ACTING = "acting"  #: It is.
    DRY_RUN = "dry_run"  #: It is only told.
    ADVISING = "advising"  #: Somebody else, such as KEDA, carries it out.
    FROZEN = "frozen"  #: Somebody wants the pool to stay as it is.
    OVERRIDDEN = "overridden"  #: Somebody has said how many pods there are to be.
    REFUSED = "refused"  #: It cannot be, as a condition says.


@dataclass(frozen=True, slots=True)
class Condition:
    """Something about a pool that somebody should know: a word for machines, and a sentence."""

    type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDecision:
    """What was decided for one pool, and why.

    ``current`` pods were ordered before, ``target`` are from now on, ``wanted`` is what was recommended by ``rule``, for a
    ``reason`` that is a sentence. ``would_wait``: seconds that the newest task would wait with the pods that there are, None when
    nobody would start it. ``startup``: seconds from the order of a pod to its first task. ``queues`` are those that it serves.
    ``minimum`` and ``maximum`` are the bounds that are set for it, the maximum None where that is not known.
    """

    pool: str
    deployment: str
    mode: ScalingMode
    current: int
    target: int
    wanted: int
    rule: str
    reason: str
    would_wait: float | None
    startup: float
    ready: int = 0
    starting: int = 0
    leaving: int = 0
    queues: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    minimum: int = 0
    maximum: int | None = None

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """From JSON."""
        conditions = tuple(Condition(**condition) for condition in told["conditions"])
        known = {name: told[name] for name in cls.__dataclass_fields__ if name in told}  # a newer release may say more
        return cls(**{**known, "mode": ScalingMode(told["mode"]), "queues": tuple(told["queues"]), "conditions": conditions})


@dataclass(frozen=True, slots=True)
class ScalingReport:
    """Everything that ``leader`` decided in one moment.

    ``unserved``: by queue, a sentence about tasks that no pool serves. ``at`` is the store's to say. ``engine`` is who changes
    the number of pods, ``controller``, ``keda`` or ``none``, and '' where that is not known.
    """

    leader: str
    decisions: tuple[PoolDecision, ...]
    unserved: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    engine: str = ""

    def to_json(self) -> str:
        """Without the time."""
        decisions = [asdict(decision) for decision in self.decisions]
        told = {"leader": self.leader, "engine": self.engine, "decisions": decisions, "unserved": dict(self.unserved)}
        return json.dumps(told, allow_nan=False)

    @classmethod
    def read(cls, text: str, at: datetime) -> Self:
        """From JSON, and the time."""
        told = json.loads(text)
        decisions = tuple(PoolDecision.read(decision) for decision in told["decisions"])
        return cls(told["leader"], decisions, told["unserved"], at, told.get("engine", ""))


@dataclass(frozen=True, slots=True)
class Steering:
    """What a person wants of a pool: ``replicas`` pods, or None for as many as there are. ``by`` whom, and the ``reason``.

    ``since`` and ``until`` are the store's to say; it holds until somebody takes it back where ``until`` is None.
    """

    replicas: int | None
    reason: str
    by: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scaling:
    """The last ``report``, if there ever was one, and how pools are steered now, by their names."""

    report: ScalingReport | None
    steering: Mapping[str, Steering]


@dataclass(frozen=True, slots=True)
class TellScaling(Call[None]):
    """Keep what was decided, in place of what was decided before."""

    script = "tell_scaling"
    report: ScalingReport

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.report.to_json()]

    def parse(self, reply: Any) -> None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True)
class ReadScaling(Call[Scaling]):
    """What was decided last, and how pools are steered."""

    script = "read_scaling"
    repeatable = True

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return []

    def parse(self, reply: Any) -> Scaling:
        said, *steering = reply
        at, _, text = said.partition(" ")
        report = ScalingReport.read(text, from_ms(int(at))) if said else None
        return Scaling(report, {pool: _steering(told) for pool, told in sorted(pairs(steering))})


@dataclass(frozen=True, slots=True)
class Steer(Call[None]):
    """Steer a pool for so many ``seconds``, or without end; None takes back what was said before."""

    script = "steer"
    repeatable = True
    pool: str
    steering: Steering | None
    seconds: float | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        steering = self.steering
        said = {"replicas": steering.replicas, "reason": steering.reason, "by": steering.by} if steering else None
        lasting = max(1, milliseconds(self.seconds)) if self.seconds is not None else 0
        return [self.pool, json.dumps(said) if said else "", str(lasting)]

    def parse(self, reply: Any) -> None:  # noqa: ARG002
        return None


def _steering(told: str) -> Steering:
    ends, since, text = told.split(" ", 2)
    return Steering(**json.loads(text), since=from_ms(int(since)), until=from_ms(int(ends)) if ends else None)
