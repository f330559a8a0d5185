"""What a client can do, written once for blocking and for asyncio code; they differ in what they hand out for a task."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from heavylift.client.asks import Source, Steps
from heavylift.client.batch_surface import BatchSurface
from heavylift.client.errors import faulty
from heavylift.client.filters import TaskFilter
from heavylift.client.item import DebounceKey, Item, Kind, UniqueKey, as_item
from heavylift.client.operations import Operations
from heavylift.client.paging import Pages
from heavylift.client.task_surface import TaskSurface
from heavylift.client.values import BatchReceipt, Fault, KindInfo, Receipt, ScalingState, TaskSummary, Worker
from heavylift.record import Durability, Priority, new_task_id
from heavylift.state import State

TaskT = TypeVar("TaskT")
BatchT = TypeVar("BatchT")


class Surface(Generic[TaskT, BatchT]):
    """All but what makes connections."""

    def __init__(
        self,
        operations: Operations,
        task: Callable[[TaskSurface, Receipt | None], TaskT],
        batch: Callable[[BatchSurface, BatchReceipt | None], BatchT],
    ) -> None:
        self.operations = operations
        self._task = task
        self._batch = batch

    def submit(
        self,
        kind: Kind,
        payload: Any = None,
        /,
        *,
        id: str | None = None,  # noqa: A002
        queue: str | None = None,
        priority: Priority | str | None = None,
        delay: float | timedelta | None = None,
        at: datetime | None = None,
        expires: float | timedelta | None = None,
        tags: Sequence[str] = (),
        unique: str | UniqueKey | None = None,
        debounce: DebounceKey | None = None,
        durability: Durability | str | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> Steps[TaskT]:
        """Take a task in; once this returns it is recorded, and is not lost.

        ``kind`` is a name, a function under ``@task``, or a task of Celery's. What it works on is ``payload``, a pydantic model,
        a dataclass or a JSON value, or else ``fields``; of a function that is known here it is checked before anything is sent.
        What is left out comes from the kind in the catalogue.

        A connection that breaks is made again and the request repeated under its ``idempotency_key``, so there is one task; give
        one of your own to repeat it over a restart of yours, too. Raises KindUnknown, PayloadUnfit, RequestInvalid, Unreachable.
        """
        item = Item(
            kind,
            _payload(payload, fields),
            id=id,
            queue=queue,
            priority=priority,
            delay=delay,
            at=at,
            expires=expires,
            tags=tags,
            unique=unique,
            debounce=debounce,
            durability=durability,
        )
        receipt = yield from self.operations.submit(item, idempotency_key or new_task_id())
        return self._task(TaskSurface(self.operations, receipt.id, item.result_type), receipt)

    def batch(
        self,
        items: Iterable[Item | Kind | tuple[Kind, Any]],
        *,
        atomic: bool = False,
        idempotency_key: str | None = None,
    ) -> Steps[BatchT]:
        """Take up to 10 000 tasks in. Each item is an Item, a kind, or a kind and its payload.

        Each is answered for itself in ``receipt``, unless ``atomic``: then one that is wrong refuses all, of at most 1000. It is
        repeated safely as a single submission is. Raises RequestInvalid, PayloadUnfit, Unreachable.
        """
        whole = [as_item(item) for item in items]
        receipt = yield from self.operations.submit_batch(whole, idempotency_key or new_task_id(), atomic=atomic)
        return self._batch(BatchSurface(self.operations, receipt.id, receipt), receipt)

    def task(self, id: str) -> TaskT:  # noqa: A002
        """The task of this id. Nothing is asked: whether there is one shows when something is."""
        return self._task(TaskSurface(self.operations, id, None), None)

    def batch_of(self, id: str) -> BatchT:  # noqa: A002
        """The batch of this id. Nothing is asked."""
        return self._batch(BatchSurface(self.operations, id, None), None)

    def list(
        self,
        *,
        state: State | str | None = None,
        kind: str | None = None,
        queue: str | None = None,
        tag: str | None = None,
        batch: str | None = None,
    ) -> Source[TaskSummary]:
        """The tasks that fit every filter, newest first, over all pages."""
        known = None if state is None else _state(state)
        wanted = TaskFilter(state=known, kind=kind, queue=queue, tag=tag, batch=batch)
        return Pages(lambda cursor: self.operations.task_page(wanted, cursor))

    def catalogue(self) -> Steps[tuple[KindInfo, ...]]:
        """Every kind that a worker has published, by name."""
        return self.operations.catalogue()

    def kind(self, name: str) -> Steps[KindInfo]:
        """One kind. Raises KindUnknown, which tells near names."""
        return self.operations.kind(name)

    def workers(self) -> Source[Worker]:
        """The children of workers that live, by name, with what they run, over all pages. A key of one tenant sees none."""
        return Pages(self.operations.worker_page)

    def scaling(self) -> Steps[ScalingState]:
        """What the autoscaler decided last about every pool of workers, and why."""
        return self.operations.scaling()


def _payload(payload: Any, fields: dict[str, Any]) -> Any:
    if payload is not None and fields:
        names = ", ".join(fields)
        raise faulty([Fault("payload", f"is given, and {names}, too; put all into the payload")])
    return fields or payload


def _state(text: State | str) -> State:
    if text not in set(State):
        raise faulty([Fault("state", f"is one of {', '.join(State)}")])
    return State(text)
