"""What can be done with queues, written once for blocking and for asyncio code."""

from heavylift.client.asks import Source, Steps
from heavylift.client.operations import Operations
from heavylift.client.paging import Pages
from heavylift.client.values import Queue


class QueueSurface:
    """The queues of the installation."""

    def __init__(self, operations: Operations) -> None:
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
