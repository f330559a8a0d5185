"""The client for asyncio code: the same, awaited."""

from types import TracebackType
from typing import Self

from heavylift.client.batch_surface import BatchSurface
from heavylift.client.connecting import connect
from heavylift.client.dead_letters import DeadLetterSurface
from heavylift.client.key_surface import KeySurface
from heavylift.client.queue_surface import QueueSurface
from heavylift.client.schedule_surface import ScheduleSurface
from heavylift.client.shells import AsyncCarrier, awaited, awaited_stream
from heavylift.client.surface import Surface
from heavylift.client.task_surface import TaskSurface
from heavylift.client.values import BatchReceipt, Receipt


class AsyncTaskHandle:
    """One task. ``receipt`` is None where it was not submitted here."""

    def __init__(self, surface: TaskSurface, receipt: Receipt | None, carrier: AsyncCarrier) -> None:
        self.id = surface.id
        self.receipt = receipt
        self._surface = surface
        self._carrier = carrier

    def __repr__(self) -> str:
        return f"AsyncTaskHandle({self.id!r})"

    read = awaited(TaskSurface.read)
    wait = awaited(TaskSurface.wait)
    result = awaited(TaskSurface.result)
    events = awaited_stream(TaskSurface.events)
    logs = awaited_stream(TaskSurface.logs)
    why = awaited(TaskSurface.why)
    attempts = awaited(TaskSurface.attempts)
    cancel = awaited(TaskSurface.cancel)
    retry = awaited(TaskSurface.retry)
    replay = awaited(TaskSurface.replay)
    discard = awaited(TaskSurface.discard)


class AsyncBatchHandle:
    """One batch. ``receipt`` has the answer to each item; None where it was not submitted here."""

    def __init__(self, surface: BatchSurface, receipt: BatchReceipt | None, carrier: AsyncCarrier) -> None:
        self.id = surface.id
        self.receipt = receipt
        self._surface = surface
        self._carrier = carrier

    def __repr__(self) -> str:
        return f"AsyncBatchHandle({self.id!r})"

    read = awaited(BatchSurface.read)
    wait = awaited(BatchSurface.wait)
    events = awaited_stream(BatchSurface.events)
    cancel = awaited(BatchSurface.cancel)
    tasks = awaited_stream(BatchSurface.tasks)
    results = awaited_stream(BatchSurface.results)


class AsyncDeadLetters:
    """Tasks that failed, until they are replayed or discarded."""

    def __init__(self, surface: DeadLetterSurface, carrier: AsyncCarrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = awaited_stream(DeadLetterSurface.list)
    groups = awaited(DeadLetterSurface.groups)
    replay = awaited(DeadLetterSurface.replay)
    discard = awaited(DeadLetterSurface.discard)


class AsyncKeys:
    """The keys of the API; for those who have the scope ``admin``."""

    def __init__(self, surface: KeySurface, carrier: AsyncCarrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = awaited(KeySurface.list)
    create = awaited(KeySurface.create)
    rotate = awaited(KeySurface.rotate)
    revoke = awaited(KeySurface.revoke)


class AsyncQueues:
    """The queues of the installation."""

    def __init__(self, surface: QueueSurface, carrier: AsyncCarrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = awaited_stream(QueueSurface.list)
    read = awaited(QueueSurface.read)
    pause = awaited(QueueSurface.pause)
    resume = awaited(QueueSurface.resume)
    limit = awaited(QueueSurface.limit)
    purge = awaited(QueueSurface.purge)


class AsyncSchedules:
    """Tasks that come again and again."""

    def __init__(self, surface: ScheduleSurface, carrier: AsyncCarrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = awaited(ScheduleSurface.list)
    read = awaited(ScheduleSurface.read)
    put = awaited(ScheduleSurface.put)
    pause = awaited(ScheduleSurface.pause)
    resume = awaited(ScheduleSurface.resume)
    trigger = awaited(ScheduleSurface.trigger)
    drop = awaited(ScheduleSurface.drop)


class AsyncClient:
    """Submits tasks and follows them, from asyncio code. One serves a whole event loop; what is said of Client holds here, too.

    Example:
        >>> async with AsyncClient("http://127.0.0.1:8000") as client:
        ...     handle = await client.submit("demo.add", a=1, b=2)
        ...     print(await handle.result(timeout=10))
    """

    def __init__(self, url: str | None = None, *, key: str | None = None, timeout: float = 10.0) -> None:
        connection = connect(url, key, timeout)
        self.address = connection.address
        self._carrier: AsyncCarrier = connection.async_carrier()
        self._surface: Surface[AsyncTaskHandle, AsyncBatchHandle] = Surface(
            connection.operations,
            lambda surface, receipt: AsyncTaskHandle(surface, receipt, self._carrier),
            lambda surface, receipt: AsyncBatchHandle(surface, receipt, self._carrier),
        )
        self.dead_letters = AsyncDeadLetters(DeadLetterSurface(connection.operations), self._carrier)
        self.keys = AsyncKeys(KeySurface(connection.operations), self._carrier)
        self.queues = AsyncQueues(QueueSurface(connection.operations), self._carrier)
        self.schedules = AsyncSchedules(ScheduleSurface(connection.operations), self._carrier)

    def __repr__(self) -> str:
        return f"AsyncClient({self.address!r})"

    submit = awaited(Surface[AsyncTaskHandle, AsyncBatchHandle].submit)
    batch = awaited(Surface[AsyncTaskHandle, AsyncBatchHandle].batch)
    list = awaited_stream(Surface.list)
    catalogue = awaited(Surface.catalogue)
    kind = awaited(Surface.kind)
    workers = awaited_stream(Surface.workers)
    scaling = awaited(Surface.scaling)
    cancel_many = awaited(Surface.cancel_many)
    retry_many = awaited(Surface.retry_many)
    audit = awaited_stream(Surface.audit)

    def task(self, id: str) -> AsyncTaskHandle:  # noqa: A002
        """The task of this id. Nothing is asked: whether there is one shows when something is."""
        return self._surface.task(id)

    def batch_of(self, id: str) -> AsyncBatchHandle:  # noqa: A002
        """The batch of this id. Nothing is asked."""
        return self._surface.batch_of(id)

    async def close(self) -> None:
        """Close the connections."""
        await self._carrier.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()
