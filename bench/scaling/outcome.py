"""What was seen of a run."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Point:
    """At one second: how long the oldest task had waited at the worst since the point before, pods, and pod-seconds so far."""

    at: float
    oldest: float
    pods: int
    pod_seconds: float


@dataclass(slots=True)
class Outcome:
    """What was seen. ``orders``: when the number of pods was changed, and to what."""

    waits: list[float] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    late_seconds: float = 0.0
    pod_seconds: float = 0.0
    interrupted: int = 0
    orders: list[tuple[float, int]] = field(default_factory=list)
