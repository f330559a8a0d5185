"""Letting begin at once what waits for its time."""

from heavylift.state import State
from heavylift.store.calls import Hasten, Read
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import NotWaiting
from heavylift_api.observe import existing
from heavylift_api.schemas import TaskView
from heavylift_api.views import task_view


class Hastener:
    """Lets tasks begin that wait for their time."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def retry(self, caller: Caller, id_: str) -> TaskView:
        """The task as it is now, in its queue or further. Raises TaskNotFound, NotWaiting.

        One that was in its queue already is answered as it is.
        """
        async with self._store.deadline():
            (reply,) = await self._store.run(Hasten((id_,), caller.reach))
            record = existing(id_, await self._store.run(Read(id_, reach=caller.reach)))
        if reply is not None and not reply.changed and reply.state is not State.QUEUED:
            raise NotWaiting(id_, reply.state)
        return task_view(record, caller)
