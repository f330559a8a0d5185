"""What can be done with dead letters, written once for blocking and for asyncio code."""

from datetime import datetime
from typing import Final, TypedDict, Unpack

from heavylift.client.asks import Source, Steps
from heavylift.client.filters import check_meant
from heavylift.client.operations import Operations
from heavylift.client.paging import Pages
from heavylift.client.values import BulkOutcome, DeadFilter, DeadGroups, TaskSummary
from heavylift.state import FailureReason

MOST: Final = 100_000  #: Dead letters that one call replays or discards at most.


class Which(TypedDict, total=False):
    """Which dead letters: those that fit everything that is given. ``since`` counts, ``until`` does not.

    ``tenant`` is for administrators of none.
    """

    kind: str | None
    queue: str | None
    reason: FailureReason | None
    fingerprint: str | None
    since: datetime | None
    until: datetime | None
    tenant: str | None


class DeadLetterSurface:
    """Tasks that failed, until they are replayed or discarded."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def list(self, **which: Unpack[Which]) -> Source[TaskSummary]:
        """Dead letters that fit, the latest failure first, over all pages."""
        wanted = DeadFilter(**which)
        return Pages(lambda cursor: self._operations.dead_page(wanted, cursor))

    def groups(self, *, limit: int = 50, **which: Unpack[Which]) -> Steps[DeadGroups]:
        """What fails most: dead letters by kind, queue, reason and fingerprint, the largest groups first."""
        return self._operations.dead_groups(DeadFilter(**which), limit)

    def replay(
        self,
        *,
        all: bool = False,  # noqa: A002
        limit: int = MOST,
        rate: float | None = None,
        dry_run: bool = False,
        **which: Unpack[Which],
    ) -> Steps[BulkOutcome]:
        """Replay those that fit, at once or ``rate`` per second; ``all`` where no filter is given. Raises RequestInvalid."""
        wanted = _meant(which, everything=all)
        return self._operations.replay_dead(wanted, limit=limit, rate=rate, dry_run=dry_run)

    def discard(
        self,
        *,
        all: bool = False,  # noqa: A002
        limit: int = MOST,
        dry_run: bool = False,
        **which: Unpack[Which],
    ) -> Steps[BulkOutcome]:
        """Delete those that fit, for good; ``all`` where no filter is given. Try it with ``dry_run``. Raises RequestInvalid."""
        return self._operations.discard_dead(_meant(which, everything=all), limit=limit, dry_run=dry_run)


def _meant(which: Which, *, everything: bool) -> DeadFilter:
    wanted = DeadFilter(**which)
    check_meant(wanted.given, everything=everything)
    return wanted
