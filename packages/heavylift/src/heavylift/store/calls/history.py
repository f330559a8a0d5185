"""What became of the attempts of a task is read."""

from dataclasses import dataclass
from typing import Any

from heavylift.history import PastAttempt
from heavylift.store.calls.call import Call, Limits


@dataclass(frozen=True, slots=True)
class ReadHistory(Call[tuple[PastAttempt, ...]]):
    """The attempts of a task that did not succeed, the oldest first. Of more than fifty the first five and the newest are kept.

    Empty for a task that succeeded at once, and where there is no such task.
    """

    script = "history"
    repeatable = True
    id: str

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id]

    def parse(self, reply: Any) -> tuple[PastAttempt, ...]:
        return tuple(PastAttempt.from_json(entry) for entry in reply)
