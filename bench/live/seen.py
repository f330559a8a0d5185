"""What was seen of a pool: pods, orders, tasks. Values; times are seconds since the epoch, by the one clock that all share."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class PodLife:
    """A pod, from when it was first seen until it was seen no more."""

    pool: str
    name: str
    created: float
    ready: float | None = None
    leaving: float | None = None
    gone: float | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A Deployment was told to have so many pods."""

    at: float
    replicas: int


@dataclass(frozen=True, slots=True)
class TaskLife:
    """A task: when it was submitted, when each of its runs began, and how many of those never came to their end."""

    id: str
    submitted: float
    began: tuple[float, ...]
    cut: int
    state: str
    attempt: int = 1

    @property
    def wait(self) -> float | None:
        """Seconds until it was first started; None where it was not."""
        return self.began[0] - self.submitted if self.began else None

    @property
    def interrupted(self) -> bool:
        """Whether a run was cut short, or it ran more than once."""
        return self.cut > 0 or len(self.began) > 1


@dataclass(slots=True)
class PoolSeen:
    """All of a pool between two moments."""

    begin: float
    end: float
    lives: list[PodLife] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    tasks: list[TaskLife] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
