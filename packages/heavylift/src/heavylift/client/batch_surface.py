"""What can be done with a batch, written once for blocking and for asyncio code."""

import time

from heavylift.client.asks import Pause, Source, Steps
from heavylift.client.filters import TaskFilter
from heavylift.client.operations import Operations
from heavylift.client.paging import Pages
from heavylift.client.task_surface import BREATH, PORTION, TaskSurface
from heavylift.client.values import BatchCancelled, BatchEvent, BatchReceipt, BatchState, Page, Task, TaskSummary


class BatchSurface:
    """One batch. ``receipt`` is None where it was not submitted here."""

    def __init__(self, operations: Operations, id_: str, receipt: BatchReceipt | None) -> None:
        self.id = id_
        self._operations = operations
        self._receipt = receipt

    def read(self) -> Steps[BatchState]:
        """The batch as it is now. Raises BatchUnknown."""
        return self._operations.read_batch(self.id)

    def wait(self, seconds: float | None = None) -> Steps[BatchState]:
        """The batch when all its tasks have ended, or as it is when ``seconds`` are over. Raises BatchUnknown."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            asked_at = time.monotonic()
            left = PORTION if until is None else max(0.0, until - asked_at)
            batch = yield from self._operations.wait_for_batch(self.id, min(PORTION, left))
            if batch.ended or (until is not None and time.monotonic() >= until):
                return batch
            if time.monotonic() - asked_at < BREATH:
                yield Pause(BREATH)

    def events(self, after: str | None = None) -> Source[BatchEvent]:
        """How each task ends, in their order, all or those behind the event ``after``; the counts as they change; and the end.

        A connection that breaks is made again behind the last end of a task: none is lost, and none told twice. The counts are
        told as they are then. Raises BatchUnknown.
        """
        return self._operations.follow_batch(self.id, after)

    def cancel(self) -> Steps[BatchCancelled]:
        """Call off all tasks that have not ended: at once, and those that run are asked to end. Raises BatchUnknown."""
        return self._operations.cancel_batch(self.id)

    def tasks(self) -> Source[TaskSummary]:
        """The tasks that the batch made, the newest first."""
        return Pages(lambda cursor: self._operations.task_page(TaskFilter(batch=self.id), cursor))

    def results(self) -> Source[Task]:
        """Each task when it has ended, with its result or its error: in the order of the items where it was submitted here."""
        return Pages(self._ended)

    def _ended(self, cursor: str | None) -> Steps[Page[Task]]:
        if self._receipt is None:
            return (yield from self._ended_of_page(cursor))
        ids = [answer.task.id for answer in self._receipt.answers if answer.task is not None]
        number = int(cursor or 0)
        if number >= len(ids):
            return Page((), None)
        task = yield from TaskSurface(self._operations, ids[number], None).wait()
        return Page((task,), str(number + 1))

    def _ended_of_page(self, cursor: str | None) -> Steps[Page[Task]]:
        page = yield from self._operations.task_page(TaskFilter(batch=self.id), cursor)
        ended = []
        for summary in page.items:
            ended.append((yield from TaskSurface(self._operations, summary.id, None).wait()))  # noqa: PERF401
        return Page(tuple(ended), page.cursor)
