"""What a client can do, written once for blocking and for asyncio code; they differ in what they hand out for a task."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar, Unpack

from heavylift.client.asks import Source, Steps
from heavylift.client.batch_surface import BatchSurface
from heavylift.client.errors import faulty
from heavylift.client.filters import TaskFilter, WhichTasks, check_meant, tasks_that_fit
from heavylift.client.item import DebounceKey, Item, Kind, UniqueKey, as_item
from heavylift.client.operations import Operations
from heavylift.client.paging import Pages
from heavylift.client.task_surface import TaskSurface
from heavylift.client.values import (
    AuditEntry,
    BatchReceipt,
    Fault,
    KindInfo,
    LiveOutcome,
    Receipt,
    ScalingState,
    TaskSummary,
    Worker,
)
from heavylift.record import Durability, Priority, new_task_id

MOST: Final = 100_000  #: Tasks that one call treats at most.

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

    def list(self, **which: Unpack[WhichTasks]) -> Source[TaskSummary]:
        """The tasks that fit every filter, newest first, over all pages."""
        wanted = tasks_that_fit(which)
        return Pages(lambda cursor: self.operations.task_page(wanted, cursor))

    def cancel_many(
        self,
        *,
        all: bool = False,  # noqa: A002
        limit: int = MOST,
        dry_run: bool = False,
        **which: Unpack[WhichTasks],
    ) -> Steps[LiveOutcome]:
        """Call off those that fit and have not ended: at once while they wait; those that run are asked to end.

        ``all`` where no filter is given; ``limit`` is for the newest. Try it with ``dry_run``. Raises RequestInvalid.
        """
        wanted = _meant(which, everything=all)
        return self.operations.cancel_tasks(wanted, limit=limit, dry_run=dry_run)

    def retry_many(
        self,
        *,
        all: bool = False,  # noqa: A002
        limit: int = MOST,
        dry_run: bool = False,
        **which: Unpack[WhichTasks],
    ) -> Steps[LiveOutcome]:
        """Let those begin now that fit and wait for a delay or for their next attempt; else as ``cancel_many``."""
        wanted = _meant(which, everything=all)
        return self.operations.retry_tasks(wanted, limit=limit, dry_run=dry_run)

    def audit(
        self, *, action: str | None = None, key: str | None = None, target: str | None = None, tenant: str | None = None
    ) -> Source[AuditEntry]:
        """What operators did that fits every filter, the latest first; for those who have the scope ``admin``."""
        wanted = {"action": action, "key": key, "target": target, "tenant": tenant}
        given = {name: str(value) for name, value in wanted.items() if value is not None}
        return Pages(lambda cursor: self.operations.audit_page(given, cursor))

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


def _meant(which: WhichTasks, *, everything: bool) -> TaskFilter:
    wanted = tasks_that_fit(which)
    check_meant(wanted.given, everything=everything)
    return wanted
