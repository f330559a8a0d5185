"""What people do with queues: look at them, pause and resume them."""

from urllib.parse import quote, urlencode

from heavylift.store.calls import LimitQueue, PauseQueue, QueueState, ReadQueues, ResumeQueue
from heavylift.telemetry import QueuePaused, QueueResumed, Reporter
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import QueueNotFound
from heavylift_api.queue_shapes import (
    QueueLimitRequest,
    QueuePageView,
    QueuePauseRequest,
    QueuePauseView,
    QueueQuery,
    QueueRate,
    QueueView,
)


class QueueOffice:
    """Answers about queues. They belong to all tenants, so to one who calls for a single tenant there are none."""

    def __init__(self, store: TimelyStore, reporter: Reporter) -> None:
        self._store = store
        self._reporter = reporter

    async def list(self, caller: Caller, query: QueueQuery, path: str) -> QueuePageView:
        """A page of all queues, by name."""
        if caller.tenant:
            return QueuePageView(queues=(), cursor=None, next=None)
        page = await self._store.run(ReadQueues(after=query.cursor, count=query.limit))
        cursor = page.queues[-1].queue if page.more else None
        onward = None if cursor is None else f"{path}?{urlencode({'limit': query.limit, 'cursor': cursor})}"
        return QueuePageView(queues=tuple(queue_view(state) for state in page.queues), cursor=cursor, next=onward)

    async def read(self, caller: Caller, name: str) -> QueueView:
        """One queue. Raises QueueNotFound."""
        check_reach(caller, name)
        return queue_view(await self._existing(name))

    async def pause(self, caller: Caller, name: str, request: QueuePauseRequest) -> QueueView:
        """Let it give nothing out. Paused again, it is so on the new terms. Raises QueueNotFound."""
        check_reach(caller, name)
        async with self._store.deadline():
            paused = await self._store.run(PauseQueue(name, request.expires_in, caller.key, request.reason))
            state = await self._existing(name)
        if paused:
            self._reporter.report(QueuePaused(queue=name, by=caller.key, why=request.reason, seconds=request.expires_in))
        return queue_view(state)

    async def resume(self, caller: Caller, name: str) -> QueueView:
        """Let it give out again what it has. Asking again does no harm. Raises QueueNotFound."""
        check_reach(caller, name)
        async with self._store.deadline():
            was_paused = await self._store.run(ResumeQueue(name))
            state = await self._existing(name)
        if was_paused:
            self._reporter.report(QueueResumed(queue=name, by=caller.key))
        return queue_view(state)

    async def limit(self, caller: Caller, name: str, request: QueueLimitRequest) -> QueueView:
        """Let only so many tasks wait in it; those that do already stay. Raises QueueNotFound."""
        check_reach(caller, name)
        async with self._store.deadline():
            await self._store.run(LimitQueue(name, request.length))
            return queue_view(await self._existing(name))

    async def _existing(self, name: str) -> QueueState:
        page = await self._store.run(ReadQueues(name))
        if not page.queues:
            raise unknown(name)
        return page.queues[0]


def check_reach(caller: Caller, name: str) -> None:
    """Raise QueueNotFound to who calls for a single tenant."""
    if caller.tenant:
        raise unknown(name)


def unknown(name: str) -> QueueNotFound:
    """What is said of a queue that nobody knows."""
    return QueueNotFound(f"no queue is named {name}: nothing was submitted to it lately, and no worker takes from it")


def queue_view(state: QueueState) -> QueueView:
    """A queue as it looks from outside."""
    href = f"/v1/queues/{quote(state.queue, safe='')}"
    return QueueView(
        name=state.queue,
        ready=state.ready,
        running=state.running,
        scheduled=state.scheduled,
        oldest_age=state.oldest_age,
        workers=state.consumers,
        limit=state.limit,
        pause=None if state.pause is None else QueuePauseView.of(state.pause),
        rate=None if state.pulse is None else QueueRate.of(state.pulse),
        links={
            "self": href,
            "tasks": f"/v1/tasks?{urlencode({'queue': state.queue})}",
            "pause": f"{href}/pause",
            "resume": f"{href}/resume",
            "limit": f"{href}/limit",
            "purge": f"{href}/purge",
        },
    )
