"""What a client asks for, asked of the store itself.

Acts of operators (calling off, replaying, discarding, pausing, keys) are not among it: the API writes down who does them.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

from heavylift.claim_check import ClaimCheck
from heavylift.client.asks import Steps
from heavylift.client.direct import views
from heavylift.client.direct.asking import asked
from heavylift.client.direct.asks import Fetch
from heavylift.client.direct.batching import Batching
from heavylift.client.direct.catalogue import DirectCatalogue
from heavylift.client.direct.following import DirectFollowing
from heavylift.client.direct.places import batch_place_of, existing, existing_batch, place_of
from heavylift.client.direct.stories import BatchStory, TaskStory
from heavylift.client.direct.submitting import Submitting
from heavylift.client.direct.waiting import wait
from heavylift.client.errors import OnlyOverHttp
from heavylift.client.filters import TaskFilter
from heavylift.client.item import Item
from heavylift.client.values import (
    Attempt,
    BatchEvent,
    BatchReceipt,
    BatchState,
    DeadFilter,
    DeadGroups,
    KindInfo,
    LogEvent,
    Page,
    Receipt,
    ScalingState,
    Task,
    TaskEvent,
    TaskSummary,
    Why,
    Worker,
)
from heavylift.explaining import UNSCALED, explain, needs_history, needs_scaling
from heavylift.record import Durability
from heavylift.store.calls import (
    PORTIONS,
    DeadLetters,
    List,
    LookAhead,
    Read,
    ReadBatch,
    ReadHistory,
    ReadLog,
    ReadScaling,
    ReadWorkers,
)
from heavylift.store.calls import (
    DeadGroups as AskGroups,
)
from heavylift.story import EventName, lines_of, log_after

MANY: Final = 200  #: Items of one page.
LEVELS: Final = ("debug", "info", "warning", "error", "critical")


class DirectOperations:
    """Asks one store, as somebody of no tenant who may see everything: so may anybody who reaches Redis."""

    def __init__(self, partition: str, durability: Durability, patience: float) -> None:
        self._kinds = DirectCatalogue(patience)
        self._submitting = Submitting(self._kinds, durability, patience)
        self._batching = Batching(self._submitting)
        self._partition = partition
        self._patience = patience

    def submit(self, item: Item, idempotency_key: str) -> Steps[Receipt]:
        return self._submitting.submit(item, idempotency_key)

    def submit_batch(self, items: Sequence[Item], idempotency_key: str, *, atomic: bool) -> Steps[BatchReceipt]:
        return self._batching.submit(items, idempotency_key, atomic=atomic)

    def read(self, id: str) -> Steps[Task]:  # noqa: A002
        return views.task(existing(id, (yield from asked(Read(id), self._patience))))

    def result_of(self, id: str) -> Steps[Any]:  # noqa: A002
        result = existing(id, (yield from asked(Read(id), self._patience))).result
        return (yield Fetch(result)) if isinstance(result, ClaimCheck) else result

    def wait_for(self, id: str, seconds: float) -> Steps[Task]:  # noqa: A002
        def look(channel: str) -> Steps[Task]:
            return views.task(existing(id, (yield from asked(Read(id, channel), self._patience))))

        return wait(seconds, self._patience, look, lambda task: task.ended, self._partition)

    def follow(self, id: str, after: str | None) -> DirectFollowing[TaskEvent]:  # noqa: A002
        return DirectFollowing(TaskStory(id, place_of(after)), self._patience, self._partition)

    def log_page(self, id: str, after: str | None, level: str) -> Steps[Page[LogEvent]]:  # noqa: A002
        place, least = place_of(after), LEVELS.index(level)
        portions = existing(id, (yield from asked(ReadLog(id, log_after(place)), self._patience)))
        told = [views.event(event, None) for event in lines_of(portions, place) if event.name is EventName.LOG]
        lines = tuple(line for line in told if isinstance(line, LogEvent))
        shown = tuple(line for line in lines if line.level not in LEVELS or LEVELS.index(line.level) >= least)
        return Page(shown, lines[-1].id if lines and len(portions) == PORTIONS else None)

    def attempts(self, id: str) -> Steps[tuple[Attempt, ...]]:  # noqa: A002
        existing(id, (yield from asked(Read(id), self._patience)))
        return tuple(views.attempt(past) for past in (yield from asked(ReadHistory(id), self._patience)))

    def why(self, id: str) -> Steps[Why]:  # noqa: A002
        outlook = existing(id, (yield from asked(LookAhead(id), self._patience)))
        history = (yield from asked(ReadHistory(id), self._patience)) if needs_history(outlook) else ()
        scaling = (yield from asked(ReadScaling(), self._patience)) if needs_scaling(outlook) else UNSCALED
        return views.why(explain(outlook, history[-1] if history else None, scaling))

    def task_page(self, filters: TaskFilter, cursor: str | None) -> Steps[Page[TaskSummary]]:
        place = None if cursor is None else int(cursor)
        page = yield from asked(List(count=MANY, cursor=place, **filters.given), self._patience)
        return _page(page.records, page.cursor)

    def read_batch(self, id: str) -> Steps[BatchState]:  # noqa: A002
        return views.batch(existing_batch(id, (yield from asked(ReadBatch(id), self._patience))))

    def wait_for_batch(self, id: str, seconds: float) -> Steps[BatchState]:  # noqa: A002
        def look(channel: str) -> Steps[BatchState]:
            return views.batch(existing_batch(id, (yield from asked(ReadBatch(id, channel), self._patience))))

        return wait(seconds, self._patience, look, lambda batch: batch.ended, self._partition)

    def follow_batch(self, id: str, after: str | None) -> DirectFollowing[BatchEvent]:  # noqa: A002
        return DirectFollowing(BatchStory(id, batch_place_of(after)), self._patience, self._partition)

    def catalogue(self) -> Steps[tuple[KindInfo, ...]]:
        return tuple(views.kind(kind) for kind in (yield from self._kinds.kinds()))

    def kind(self, name: str) -> Steps[KindInfo]:
        return views.kind((yield from self._kinds.find(name)).kind)

    def dead_page(self, wanted: DeadFilter, cursor: str | None) -> Steps[Page[TaskSummary]]:
        place = None if cursor is None else int(cursor)
        page = yield from asked(DeadLetters(wanted, MANY, place), self._patience)
        return _page(page.records, page.cursor)

    def dead_groups(self, wanted: DeadFilter, limit: int) -> Steps[DeadGroups]:
        reply = yield from asked(AskGroups(wanted, limit), self._patience)
        return DeadGroups(groups=tuple(views.group(group) for group in reply.groups), more=reply.more)

    def worker_page(self, cursor: str | None) -> Steps[Page[Worker]]:
        page = yield from asked(ReadWorkers(cursor or "", MANY), self._patience)
        return Page(tuple(views.worker(known) for known in page.workers), page.workers[-1].consumer if page.more else None)

    def scaling(self) -> Steps[ScalingState]:
        return views.scaling((yield from asked(ReadScaling(), self._patience)))

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        if name.startswith("_"):
            raise AttributeError(name)
        return _only_over_http


def _only_over_http(*_: object, **__: object) -> NoReturn:
    raise OnlyOverHttp


def _page(records: Sequence[Any], cursor: int | None) -> Page[TaskSummary]:
    return Page(tuple(views.summary(record) for record in records), None if cursor is None else str(cursor))
