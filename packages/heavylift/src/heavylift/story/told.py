"""What a store tells of a task, of which its story is made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heavylift.history import PastAttempt
from heavylift.state import TERMINAL, State
from heavylift.story.log import LogPortion


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where a task is, what became of its attempts, and how far it says to be.

    ``first_due_at`` is what it waited for at its submission, None if it was queued at once. ``progress_at`` is the place of
    ``progress`` among all that the task has said: the run, the line of the log before it, and a number that rises. ``log``
    is what was asked for of its log, the oldest first, and ``more`` whether there may be more of it behind that.
    """

    state: State
    attempt: int
    fence: int
    submitted_at: datetime
    first_due_at: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    progress: Any
    progress_at: tuple[int, int, int] | None
    history: tuple[PastAttempt, ...]
    log: tuple[LogPortion, ...]
    more: bool

    @property
    def ended(self) -> bool:
        """Whether the task is in a terminal state."""
        return self.state in TERMINAL
