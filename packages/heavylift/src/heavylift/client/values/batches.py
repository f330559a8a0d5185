"""Many tasks that were submitted together."""

from dataclasses import dataclass
from datetime import datetime

from heavylift.client.values.task import Receipt
from heavylift.errors import HeavyliftError


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What came of one item: the receipt of its task, or the error for which it has none."""

    task: Receipt | None
    error: HeavyliftError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReceipt:
    """A batch is recorded, with the tasks of all items that were ``accepted``. ``answers`` are in the order of the items."""

    id: str
    items: int
    accepted: int
    refused: int
    answers: tuple[ItemAnswer, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """What has become of a batch.

    It is to have ``expected`` items; they have ``made`` tasks, or found one that was ``existing``, which is not followed here.
    """

    id: str
    created_at: datetime
    ended_at: datetime | None
    expected: int
    made: int
    existing: int
    pending: int
    succeeded: int
    failed: int
    cancelled: int
    expired: int

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.ended_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCancelled:
    """What came of calling a batch off: tasks that waited are ``cancelled``, those that run are ``asked`` to end."""

    cancelled: int
    asked: int
    batch: BatchState
