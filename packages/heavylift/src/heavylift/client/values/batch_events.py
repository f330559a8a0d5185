"""What those who follow a batch are told."""

from dataclasses import dataclass
from typing import ClassVar

from heavylift.batch_story import BatchEventName
from heavylift.client.values.batches import BatchState
from heavylift.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedEvent:
    """A task of the batch has ended. One that is replayed ends once more."""

    name: ClassVar[BatchEventName] = BatchEventName.ENDED
    id: str
    task_id: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsEvent:
    """The counts are others than were told before, if any were; what was in between is not told. It has no id to go on from."""

    name: ClassVar[BatchEventName] = BatchEventName.COUNTS
    id: str | None = None
    batch: BatchState


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEndEvent:
    """The batch has ended, all its ends are told, and nothing follows."""

    name: ClassVar[BatchEventName] = BatchEventName.END
    id: str
    batch: BatchState


BatchEvent = EndedEvent | CountsEvent | BatchEndEvent
