"""What the catalogue knows of a kind, for who sends a task by its name and has nothing but the name."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from heavylift.catalogue import Kind
from heavylift.record import Submission

FRESH: Final = 60.0  # seconds for which what was read is taken for true
PATIENT: Final = 1.0  # seconds after which it is read again for a kind that was not in it


class KnownKinds:
    """The catalogue as it was a moment ago. ``read`` asks the store for it."""

    def __init__(self, read: Callable[[], dict[str, Kind]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._kinds: dict[str, Kind] = {}
        self._read_at = -FRESH

    def complete(self, submission: Submission, message: dict[str, Any]) -> Submission:
        """The submission with what its message does not say: attempts, kind of child, priority."""
        headers, properties = message["headers"], message.get("properties") or {}
        if "max_attempts" in headers or submission.kind.startswith("celery."):
            return submission
        kind = self._find(submission.kind)
        if kind is None:
            return submission
        executor = submission.executor if "executor" in headers else kind.executor
        priority = submission.priority if properties.get("priority") else kind.priority
        return replace(submission, max_attempts=kind.retry.max_attempts, executor=executor, priority=priority)

    def _find(self, name: str) -> Kind | None:
        age = self._clock() - self._read_at
        if age >= FRESH or (name not in self._kinds and age >= PATIENT):
            self._kinds, self._read_at = self._read(), self._clock()
        return self._kinds.get(name)
