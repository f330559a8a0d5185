"""The client for blocking code."""

from types import TracebackType
from typing import Self

from heavylift.client.batch_surface import BatchSurface
from heavylift.client.connecting import connect
from heavylift.client.dead_letters import DeadLetterSurface
from heavylift.client.key_surface import KeySurface
from heavylift.client.queue_surface import QueueSurface
from heavylift.client.schedule_surface import ScheduleSurface
from heavylift.client.shells import Carrier, blocking, blocking_stream
from heavylift.client.surface import Surface
from heavylift.client.task_surface import TaskSurface
from heavylift.client.values import BatchReceipt, Receipt


class TaskHandle:
    """One task. ``receipt`` is None where it was not submitted here."""

    def __init__(self, surface: TaskSurface, receipt: Receipt | None, carrier: Carrier) -> None:
        self.id = surface.id
        self.receipt = receipt
        self._surface = surface
        self._carrier = carrier

    def __repr__(self) -> str:
        return f"TaskHandle({self.id!r})"

    read = blocking(TaskSurface.read)
    wait = blocking(TaskSurface.wait)
    result = blocking(TaskSurface.result)
    events = blocking_stream(TaskSurface.events)
    logs = blocking_stream(TaskSurface.logs)
    why = blocking(TaskSurface.why)
    attempts = blocking(TaskSurface.attempts)
    cancel = blocking(TaskSurface.cancel)
    retry = blocking(TaskSurface.retry)
    replay = blocking(TaskSurface.replay)
    discard = blocking(TaskSurface.discard)


class BatchHandle:
    """One batch. ``receipt`` has the answer to each item; None where it was not submitted here."""

    def __init__(self, surface: BatchSurface, receipt: BatchReceipt | None, carrier: Carrier) -> None:
        self.id = surface.id
        self.receipt = receipt
        self._surface = surface
        self._carrier = carrier

    def __repr__(self) -> str:
        return f"BatchHandle({self.id!r})"

    read = blocking(BatchSurface.read)
    wait = blocking(BatchSurface.wait)
    events = blocking_stream(BatchSurface.events)
    cancel = blocking(BatchSurface.cancel)
    tasks = blocking_stream(BatchSurface.tasks)
    results = blocking_stream(BatchSurface.results)


class DeadLetters:
    """Tasks that failed, until they are replayed or discarded."""

    def __init__(self, surface: DeadLetterSurface, carrier: Carrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = blocking_stream(DeadLetterSurface.list)
    groups = blocking(DeadLetterSurface.groups)
    replay = blocking(DeadLetterSurface.replay)
    discard = blocking(DeadLetterSurface.discard)


class Keys:
    """The keys of the API; for those who have the scope ``admin``."""

    def __init__(self, surface: KeySurface, carrier: Carrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = blocking(KeySurface.list)
    create = blocking(KeySurface.create)
    rotate = blocking(KeySurface.rotate)
    revoke = blocking(KeySurface.revoke)


class Queues:
    """The queues of the installation."""

    def __init__(self, surface: QueueSurface, carrier: Carrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = blocking_stream(QueueSurface.list)
    read = blocking(QueueSurface.read)
    pause = blocking(QueueSurface.pause)
    resume = blocking(QueueSurface.resume)
    limit = blocking(QueueSurface.limit)
    purge = blocking(QueueSurface.purge)


class Schedules:
    """Tasks that come again and again."""

    def __init__(self, surface: ScheduleSurface, carrier: Carrier) -> None:
        self._surface = surface
        self._carrier = carrier

    list = blocking(ScheduleSurface.list)
    read = blocking(ScheduleSurface.read)
    put = blocking(ScheduleSurface.put)
    pause = blocking(ScheduleSurface.pause)
    resume = blocking(ScheduleSurface.resume)
    trigger = blocking(ScheduleSurface.trigger)
    drop = blocking(ScheduleSurface.drop)


class Client:
    """Submits tasks and follows them. One serves a whole process, its threads too; close it at the end, or use it in ``with``.

    ``url`` is that of the API (``https://…``), or of Redis (``redis://…``) for what needs no operator. It and ``key`` come from
    ``HEAVYLIFT_URL``, ``HEAVYLIFT_KEY`` and ``HEAVYLIFT_KEY_FILE`` where they are left out. ``timeout`` in seconds is for each
    request with all its repetitions; what waits for a task takes longer. Nothing is connected before it is
    needed. Raises ConfigurationInvalid.

    Example:
        >>> with Client("http://127.0.0.1:8000") as client:
        ...     print(client.submit("demo.add", a=1, b=2).result(timeout=10))
    """

    def __init__(self, url: str | None = None, *, key: str | None = None, timeout: float = 10.0) -> None:
        connection = connect(url, key, timeout)
        self.address = connection.address
        self._carrier: Carrier = connection.carrier()
        self._surface: Surface[TaskHandle, BatchHandle] = Surface(
            connection.operations,
            lambda surface, receipt: TaskHandle(surface, receipt, self._carrier),
            lambda surface, receipt: BatchHandle(surface, receipt, self._carrier),
        )
        self.dead_letters = DeadLetters(DeadLetterSurface(connection.operations), self._carrier)
        self.keys = Keys(KeySurface(connection.operations), self._carrier)
        self.queues = Queues(QueueSurface(connection.operations), self._carrier)
        self.schedules = Schedules(ScheduleSurface(connection.operations), self._carrier)

    def __repr__(self) -> str:
        return f"Client({self.address!r})"

    submit = blocking(Surface[TaskHandle, BatchHandle].submit)
    batch = blocking(Surface[TaskHandle, BatchHandle].batch)
    list = blocking_stream(Surface.list)
    catalogue = blocking(Surface.catalogue)
    kind = blocking(Surface.kind)
    workers = blocking_stream(Surface.workers)
    scaling = blocking(Surface.scaling)
    cancel_many = blocking(Surface.cancel_many)
    retry_many = blocking(Surface.retry_many)
    audit = blocking_stream(Surface.audit)

    def task(self, id: str) -> TaskHandle:  # noqa: A002
        """The task of this id. Nothing is asked: whether there is one shows when something is."""
        return self._surface.task(id)

    def batch_of(self, id: str) -> BatchHandle:  # noqa: A002
        """The batch of this id. Nothing is asked."""
        return self._surface.batch_of(id)

    def close(self) -> None:
        """Close the connections."""
        self._carrier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
