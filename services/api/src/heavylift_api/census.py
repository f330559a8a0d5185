"""Who takes tasks, and what they run."""

from urllib.parse import urlencode

from heavylift.store.calls import ReadWorkers, Worker, host_of
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.views import task_href
from heavylift_api.worker_shapes import RunningTask, WorkerPageView, WorkerQuery, WorkerView


class Census:
    """Answers about workers. They work for all tenants, so to one who calls for a single tenant there are none."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def list(self, caller: Caller, query: WorkerQuery, path: str) -> WorkerPageView:
        """A page of all children of workers that live, by name."""
        if caller.tenant:
            return WorkerPageView(workers=(), cursor=None, next=None)
        page = await self._store.run(ReadWorkers(query.cursor, query.limit, reach=caller.reach))
        cursor = page.workers[-1].consumer if page.more else None
        onward = None if cursor is None else f"{path}?{urlencode({'limit': query.limit, 'cursor': cursor})}"
        return WorkerPageView(workers=tuple(_view(worker) for worker in page.workers), cursor=cursor, next=onward)


def _view(worker: Worker) -> WorkerView:
    return WorkerView(
        name=worker.consumer,
        host=host_of(worker.consumer),
        queues=worker.queues,
        executors=worker.executors,
        lease_ends_at=worker.lease_ends,
        rests=worker.rests,
        in_hand=worker.in_hand,
        running=tuple(
            RunningTask(id=task.id, kind=task.kind, queue=task.queue, since=task.since, href=task_href(task.id))
            for task in worker.running
        ),
    )
