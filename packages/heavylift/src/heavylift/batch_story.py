"""What has happened to a batch: how its tasks ended, in their order, its counts as they are now, and its end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from heavylift.batch import Batch
from heavylift.state import State

#: What the id of an event looks like.
BATCH_PLACE_PATTERN: Final = r"(0|[1-9]\d{0,8})(\.end)?"
_TEXT: Final = re.compile(BATCH_PLACE_PATTERN, re.ASCII)


class BatchEventName(StrEnum):
    """What an event tells of."""

    ENDED = "ended"
    COUNTS = "counts"
    END = "end"


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """So many ends of its tasks are known; ``over``: that it has ended, too. ``known``: its counts as they were told last."""

    ends: int = 0
    over: bool = False
    known: Batch | None = None

    def __str__(self) -> str:
        return f"{self.ends}.end" if self.over else str(self.ends)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The place of this text; None when it is the text of none."""
        return cls(int(text.removesuffix(".end")), text.endswith(".end")) if _TEXT.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """A task of a batch has ended. One that is replayed ends once more."""

    id: str
    state: State


@dataclass(frozen=True, slots=True)
class BatchTold:
    """What a store says: a batch, and ``ends`` of its tasks, in their order. There are ``total`` of those by now."""

    batch: Batch
    total: int
    ends: tuple[BatchEnd, ...]


@dataclass(frozen=True, slots=True)
class BatchHappening:
    """One event: the end of a task, or the batch as it is. ``id`` is None where that is no place to go on from."""

    id: str | None
    name: BatchEventName
    data: BatchEnd | Batch


@dataclass(frozen=True, slots=True)
class BatchPortion:
    """Events. ``last`` is where to go on; ``over``: there will be no more; ``more``: there is already."""

    events: tuple[BatchHappening, ...]
    last: BatchPlace
    over: bool
    more: bool


def tell_batch(told: BatchTold, after: BatchPlace) -> BatchPortion:
    """What there is to tell behind a place, of what a store said when it was asked for the ends behind it."""
    last = after.ends + len(told.ends)
    more = last < told.total
    over = told.batch.ended and not more
    place = BatchPlace(last, over, after.known if more else told.batch)
    return BatchPortion(tuple(_events(told, after, place, more=more)), place, over, more)


def _events(told: BatchTold, after: BatchPlace, last: BatchPlace, *, more: bool) -> Iterator[BatchHappening]:
    for number, end in enumerate(told.ends, start=after.ends + 1):
        yield BatchHappening(str(number), BatchEventName.ENDED, end)
    if last.over and replace(after, known=None) != replace(last, known=None):
        yield BatchHappening(str(last), BatchEventName.END, told.batch)
    elif not (last.over or more or told.batch == after.known):
        yield BatchHappening(None, BatchEventName.COUNTS, told.batch)
