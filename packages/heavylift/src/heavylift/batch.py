"""Tasks that were submitted together, and what has become of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST_ITEMS: Final = 10_000  #: Items of one batch.


@dataclass(frozen=True, slots=True)
class BatchItem:
    """Which item of which batch a submission is. ``number`` counts from 0."""

    batch: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as the store knows it.

    It is to have ``items``. Each of them makes a task, or is spared one because there is such a task already. ``succeeded``,
    ``failed``, ``cancelled`` and ``expired`` are its tasks that have ended. ``ended_at`` is None until all items have come and
    all tasks have ended; a task that is replayed makes it None again.
    """

    id: str
    items: int
    created_at: datetime
    ended_at: datetime | None
    made: int = 0
    spared: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    tenant: str = ""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.ended_at is not None

    @property
    def awaited(self) -> int:
        """Tasks that are there and have not ended."""
        return self.made - self.succeeded - self.failed - self.cancelled - self.expired
