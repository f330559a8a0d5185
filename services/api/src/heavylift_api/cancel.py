"""Calling a task off: at once while it waits, by a request to its worker while it runs."""

from heavylift.record import Record
from heavylift.state import State
from heavylift.store.calls import Cancel, Read
from heavylift.telemetry import CancelRequested, Reporter
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import TaskEnded
from heavylift_api.observe import existing
from heavylift_api.schemas import TaskView
from heavylift_api.views import task_view


class Canceller:
    """Calls tasks off."""

    def __init__(self, store: TimelyStore, reporter: Reporter) -> None:
        self._store = store
        self._reporter = reporter

    async def cancel(self, caller: Caller, id_: str) -> TaskView:
        """The task as it is now: cancelled, or running and asked to end. Raises TaskNotFound, TaskEnded.

        Asking again changes nothing and is answered as the first time.
        """
        async with self._store.deadline():
            reply = await self._store.run(Cancel(id_, caller.reach))
            record = existing(id_, await self._store.run(Read(id_, reach=caller.reach)))
        if reply is not None and reply.changed:
            self._report(record, reply.state)
        if record.ended and record.state is not State.CANCELLED:  # also when its worker was just in time to end it
            raise TaskEnded(record.state)
        return task_view(record, caller)

    def _report(self, record: Record, state: State) -> None:
        self._reporter.report(CancelRequested(task_id=record.id, kind=record.kind, queue=record.queue, state=state))
