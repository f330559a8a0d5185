"""What came of a task that somebody wanted in another state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from heavylift.state import State


@dataclass(frozen=True, slots=True)
class Moved:
    """The state that a task is in now; ``changed`` is False when nothing was done, as it was not in a state for that."""

    state: State
    changed: bool

    @classmethod
    def read(cls, row: Sequence[Any]) -> Self | None:
        """The meaning of what a script says of one task; None when there is no such task."""
        return cls(State(row[0]), bool(row[1])) if row else None
