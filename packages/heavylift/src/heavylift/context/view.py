"""What both kinds of context have in common: all that does not wait for the store."""

import json
import time
from typing import Any

from heavylift.context.link import Link
from heavylift.context.progress import Progress


class View:
    """A running task's view of itself."""

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        self._link = link

    @property
    def task_id(self) -> str:
        """UUIDv7 of the task."""
        return self._link.task_id

    @property
    def kind(self) -> str:
        """Name of its kind."""
        return self._link.kind

    @property
    def queue(self) -> str:
        """The queue that it came from."""
        return self._link.queue

    @property
    def attempt(self) -> int:
        """Number of this try; the first is 1. A run that a worker's death cut short is repeated under the same number."""
        return self._link.attempt

    @property
    def max_attempts(self) -> int:
        """The number of the last try that there may be."""
        return self._link.max_attempts

    @property
    def fence(self) -> int:
        """The fencing token of this run: higher than that of every run before it.

        A store of your own that keeps the highest it has seen, and refuses what comes with a lower one, cannot be written to by a
        run that another has succeeded without knowing.
        """
        return self._link.fence

    @property
    def deadline(self) -> float | None:
        """When the task's timeout strikes, in seconds of ``time.monotonic``; None for never."""
        return self._link.deadline

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the timeout strikes, not less than 0; None without a timeout. Good as a timeout for what is called."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @property
    def cancelled(self) -> bool:
        """Whether the task is to stop: somebody called it off, or this worker has lost it. Costs nothing; ask often."""
        return self._link.cancelled

    @property
    def lost(self) -> bool:
        """Whether it is to stop because another worker runs it by now.

        Nothing of this run counts any more. Do not tidy up what the other run may be using.
        """
        return self._link.lost

    def raise_if_cancelled(self) -> None:
        """Raise TaskCancelled if the task is to stop, or TaskLost. Let it through: it is how a task gives way."""
        if self._link.cancelled:
            raise self._link.cancellation()

    @property
    def last_checkpoint(self) -> Any:
        """What a former run of this task left with ``checkpoint``; None where none did."""
        text = self._link.last_checkpoint
        return None if text is None else json.loads(text)

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Say how far the task is, for its record, as often as you like.

        It never waits: the newest value is sent a few times a second. ``message`` is cut after 500 characters. Raises ValueError
        unless the numbers are finite and not negative.
        """
        self._link.tell(Progress.checked(done, total, message))
