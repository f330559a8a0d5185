"""What the autoscaler decided last, and why."""

from dataclasses import dataclass
from datetime import datetime

from heavylift.store.calls import ScalingMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that somebody should know: a word for machines, and a sentence."""

    type: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steering:
    """What a person wants of a pool. ``replicas`` None: as many as there are; ``until`` None: until somebody takes it back."""

    replicas: int | None
    reason: str
    by: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The latest decision about one pool of workers. Counts are of pods, times in seconds."""

    name: str
    deployment: str
    mode: ScalingMode
    current: int
    target: int
    wanted: int
    rule: str
    reason: str
    would_wait: float | None = None
    startup: float = 0.0
    ready: int = 0
    starting: int = 0
    leaving: int = 0
    steering: Steering | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingState:
    """What was decided about every pool. ``at`` None: there never was an autoscaler. ``unserved``: a sentence by queue."""

    at: datetime | None
    leader: str | None
    pools: tuple[Pool, ...]
    unserved: dict[str, str]
