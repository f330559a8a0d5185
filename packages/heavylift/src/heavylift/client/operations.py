"""What can be asked for, over HTTP and of the store alike. Each is a generator of steps; its docstring is that of the clients."""

from collections.abc import Sequence
from typing import Any, Protocol

from heavylift.client.asks import Source, Steps
from heavylift.client.filters import TaskFilter
from heavylift.client.item import Item
from heavylift.client.operating import Operating
from heavylift.client.scheduling import Scheduling
from heavylift.client.values import (
    Attempt,
    BatchCancelled,
    BatchEvent,
    BatchReceipt,
    BatchState,
    BulkOutcome,
    DeadFilter,
    DeadGroups,
    KeyInfo,
    KindInfo,
    LogEvent,
    MadeKey,
    Page,
    Receipt,
    ScalingState,
    Task,
    TaskEvent,
    TaskSummary,
    Why,
    Worker,
)


class Operations(Operating, Scheduling, Protocol):
    """All that a client asks for. Every one raises what ``heavylift.client.errors`` lists."""

    def submit(self, item: Item, idempotency_key: str) -> Steps[Receipt]:
        """Take a task in, once for each key."""

    def submit_batch(self, items: Sequence[Item], idempotency_key: str, *, atomic: bool) -> Steps[BatchReceipt]:
        """Take many tasks in."""

    def read(self, id: str) -> Steps[Task]:  # noqa: A002
        """The task as it is now. Raises TaskUnknown."""

    def wait_for(self, id: str, seconds: float) -> Steps[Task]:  # noqa: A002
        """The task when it has ended, or as it is when ``seconds`` are over, or somewhat earlier. Raises TaskUnknown."""

    def result_of(self, id: str) -> Steps[Any]:  # noqa: A002
        """What a task has returned, whatever its size. Raises TaskUnknown."""

    def follow(self, id: str, after: str | None) -> Source[TaskEvent]:  # noqa: A002
        """What happens to a task behind the event ``after``."""

    def log_page(self, id: str, after: str | None, level: str) -> Steps[Page[LogEvent]]:  # noqa: A002
        """Lines of the log of a task, the oldest first."""

    def why(self, id: str) -> Steps[Why]:  # noqa: A002
        """Why a task is where it is. Raises TaskUnknown."""

    def attempts(self, id: str) -> Steps[tuple[Attempt, ...]]:  # noqa: A002
        """The attempts of a task that did not succeed, the oldest first. Raises TaskUnknown."""

    def cancel(self, id: str) -> Steps[Task]:  # noqa: A002
        """Call a task off: at once while it waits; one that runs is asked to end. Raises TaskUnknown, TaskEnded."""

    def retry(self, id: str) -> Steps[Task]:  # noqa: A002
        """Let a task begin now that waits for its time. Raises TaskUnknown, NotWaiting."""

    def replay(self, id: str, edited: tuple[Any, ...]) -> Steps[Task]:  # noqa: A002
        """Let a dead letter begin anew, with the payload in ``edited`` if there is one. Raises TaskUnknown, NotDead."""

    def discard(self, id: str) -> Steps[Task]:  # noqa: A002
        """Delete a dead letter, for good; what was known of it. Raises TaskUnknown, NotDead."""

    def task_page(self, filters: TaskFilter, cursor: str | None) -> Steps[Page[TaskSummary]]:
        """Tasks that fit every filter, newest first."""

    def read_batch(self, id: str) -> Steps[BatchState]:  # noqa: A002
        """The batch as it is now. Raises BatchUnknown."""

    def wait_for_batch(self, id: str, seconds: float) -> Steps[BatchState]:  # noqa: A002
        """The batch when it has ended, or as it is when ``seconds`` are over, or somewhat earlier. Raises BatchUnknown."""

    def follow_batch(self, id: str, after: str | None) -> Source[BatchEvent]:  # noqa: A002
        """What happens to a batch behind the event ``after``."""

    def cancel_batch(self, id: str) -> Steps[BatchCancelled]:  # noqa: A002
        """Call off all tasks of a batch that have not ended. Raises BatchUnknown."""

    def catalogue(self) -> Steps[tuple[KindInfo, ...]]:
        """Every kind that a worker has published, by name."""

    def kind(self, name: str) -> Steps[KindInfo]:
        """One kind. Raises KindUnknown."""

    def dead_page(self, wanted: DeadFilter, cursor: str | None) -> Steps[Page[TaskSummary]]:
        """Dead letters that fit, the latest failure first."""

    def dead_groups(self, wanted: DeadFilter, limit: int) -> Steps[DeadGroups]:
        """What fails most."""

    def replay_dead(self, wanted: DeadFilter, *, limit: int, rate: float | None, dry_run: bool) -> Steps[BulkOutcome]:
        """Replay all that fit."""

    def discard_dead(self, wanted: DeadFilter, *, limit: int, dry_run: bool) -> Steps[BulkOutcome]:
        """Delete all that fit, for good."""

    def worker_page(self, cursor: str | None) -> Steps[Page[Worker]]:
        """Children of workers that live, by name."""

    def scaling(self) -> Steps[ScalingState]:
        """What the autoscaler decided last about every pool of workers, and why."""

    def list_keys(self) -> Steps[tuple[KeyInfo, ...]]:
        """All keys, the oldest first, without their secrets."""

    def create_key(self, name: str, scopes: Sequence[str], *, tenant: str | None, expires_in: float | None) -> Steps[MadeKey]:
        """Make a key; its secret is told this once."""

    def rotate_key(self, id: str, grace: float) -> Steps[MadeKey]:  # noqa: A002
        """Give a key another secret; the one before counts for ``grace`` seconds. Raises KeyUnknown."""

    def revoke_key(self, id: str) -> Steps[KeyInfo]:  # noqa: A002
        """Take a key back, for good. Raises KeyUnknown."""
