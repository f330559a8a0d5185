"""The pods of a simulated deployment."""

from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Pod:
    """Ordered at a time, and ready at another. ``running``: what its slots run, by the number of the attempt."""

    ordered_at: float
    ready_at: float
    ready: bool = False
    leaving: bool = False
    gone: bool = False
    running: set[int] = field(default_factory=set)

    @property
    def takes(self) -> bool:
        """Whether it takes tasks."""
        return self.ready and not self.leaving and not self.gone
