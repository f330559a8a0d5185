"""What can be done with queues, written once for blocking and for asyncio code."""

from dataclasses import replace

from heavylift.client.asks import Source, Steps
from heavylift.client.operating import Operating
from heavylift.client.paging import Pages
from heavylift.client.values import Purge, Queue


class QueueSurface:
    """The queues of the installation."""

    def __init__(self, operations: Operating) -> None:
        self._operations = operations

    def list(self) -> Source[Queue]:
        """Queues by name, with what they hold, over all pages."""
        return Pages(self._operations.queue_page)

    def read(self, name: str) -> Steps[Queue]:
        """What waits and runs in a queue, how fast it moves, who serves it, and whether it is paused. Raises QueueUnknown."""
        return self._operations.read_queue(name)

    def pause(self, name: str, *, reason: str = "", expires_in: float | None = None) -> Steps[Queue]:
        """From this answer on nobody takes a task of it in hand; it takes submissions, and what runs goes on.

        It ends after ``expires_in`` seconds, or when somebody resumes the queue. Raises QueueUnknown.
        """
        return self._operations.pause_queue(name, reason, expires_in)

    def resume(self, name: str) -> Steps[Queue]:
        """Workers take from it again; one that is not paused stays as it is. Raises QueueUnknown."""
        return self._operations.resume_queue(name)

    def limit(self, name: str, length: int | None) -> Steps[Queue]:
        """Only so many tasks may wait in it, 0: none is taken in, None: as many as in any queue. Raises QueueUnknown."""
        return self._operations.limit_queue(name, length)

    def purge(self, name: str, token: str | None = None) -> Steps[Purge]:
        """Call off all that waits in it, in two steps: without ``token`` this changes nothing, says how many wait, and gives one.

        With it those are called off that waited then and wait still; what runs goes on. Raises QueueUnknown, PurgeOver.
        """
        done = yield from self._operations.purge_queue(name, token)
        cancelled = done.cancelled
        while token is not None and done.more:
            done = yield from self._operations.purge_queue(name, token)
            cancelled += done.cancelled
        return replace(done, cancelled=cancelled)
