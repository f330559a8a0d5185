"""Following batches: read one, wait for its end, call it off."""

from typing import TypeVar

from heavylift.batch import Batch
from heavylift.store.calls import CancelBatch, CloseBatch, ReadBatch
from heavylift.telemetry import BatchCancelRequested, Reporter
from heavylift_api.batch_shapes import BatchCancelled, BatchView
from heavylift_api.batch_views import batch_view
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import BatchNotFound
from heavylift_api.waiters import Waiters

Known = TypeVar("Known")


class Batches:
    """Answers what became of batches."""

    def __init__(self, store: TimelyStore, waiters: Waiters, reporter: Reporter, *, longest_wait: float) -> None:
        self._store = store
        self._waiters = waiters
        self._reporter = reporter
        self._longest_wait = longest_wait

    async def read(self, caller: Caller, id_: str) -> BatchView:
        """The batch as it is now. Raises BatchNotFound."""
        return batch_view(existing(id_, await self._store.run(ReadBatch(id_, reach=caller.reach))))

    async def wait(self, caller: Caller, id_: str, seconds: float) -> BatchView:
        """The batch when it has ended, or as it is when ``seconds`` are over. Raises BatchNotFound."""
        seconds = min(seconds, self._longest_wait)
        with self._waiters.waiting(id_) as wake:
            batch = await self._waiters.look_until(wake, seconds, lambda: self._watch(caller, id_), lambda seen: seen.ended)
        return batch_view(batch)

    async def cancel(self, caller: Caller, id_: str) -> BatchCancelled:
        """Call off all of its tasks that have not ended; what has not come of it will not be waited for.

        Asking again does no harm. Raises BatchNotFound; StoreUnavailable with part of it done: ask again for the rest.
        """
        existing(id_, await self._store.run(ReadBatch(id_, reach=caller.reach)))
        await self._store.run(CloseBatch(id_))
        cancelled, asked = await self._cancel_tasks(id_)
        self._reporter.report(BatchCancelRequested(batch_id=id_, cancelled=cancelled, asked=asked))
        return BatchCancelled(cancelled=cancelled, asked=asked, batch=await self.read(caller, id_))

    async def _cancel_tasks(self, id_: str) -> tuple[int, int]:
        cancelled = asked = 0
        cursor: int | None = None
        while True:
            reply = await self._store.run(CancelBatch(id_, cursor))
            cancelled, asked, cursor = cancelled + reply.cancelled, asked + reply.asked, reply.cursor
            if cursor is None:
                return cancelled, asked

    async def _watch(self, caller: Caller, id_: str) -> Batch:
        async with self._store.deadline():
            await self._waiters.linked()
            return existing(id_, await self._store.run(ReadBatch(id_, watch=self._waiters.channel, reach=caller.reach)))


def existing(id_: str, known: Known | None) -> Known:
    """The batch, or what else is known of it, if there is one. Raises BatchNotFound."""
    if known is None:
        raise BatchNotFound(
            f"no batch has the id {id_}: it never existed, or its tasks have been kept for their time and are gone"
        )
    return known
