"""Many tasks that have not ended: called off, or let begin."""

from dataclasses import replace
from typing import Final

from heavylift.state import State
from heavylift.store.by_filter import Steps
from heavylift.store.calls import List
from heavylift.store.driving import drive_async
from heavylift.store.live_by_filter import CANCELLABLE, HASTENABLE, cancel_matching, count_live, hasten_matching
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import SubmissionInvalid
from heavylift_api.live_task_shapes import CancelRequest, LiveOutcome, LiveTasks, RetryRequest
from heavylift_api.observe import filter_of
from heavylift_api.schemas import Fault

_UNSAID: Final = (
    "say which tasks are meant by state, kind, queue, tag, batch, submitted_after, submitted_before or tenant, or set all to true"
)


class LiveTaskOffice:
    """Treats many at once. Who gets no answer may ask again, and the rest is done."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store

    async def cancel(self, caller: Caller, asked: CancelRequest) -> LiveOutcome:
        """Call off those that fit. Raises SubmissionInvalid; StoreUnavailable with part of it done."""
        wanted = _within(caller, asked)
        count = count_live(wanted, CANCELLABLE, limit=asked.limit)
        return await self._drive(asked, count if asked.dry_run else cancel_matching(wanted, limit=asked.limit))

    async def retry(self, caller: Caller, asked: RetryRequest) -> LiveOutcome:
        """Let those begin that fit and wait for their time. Raises the same."""
        wanted = _within(caller, asked)
        count = count_live(wanted, HASTENABLE, limit=asked.limit)
        return await self._drive(asked, count if asked.dry_run else hasten_matching(wanted, limit=asked.limit))

    async def _drive(self, asked: LiveTasks, steps: Steps) -> LiveOutcome:
        # Each call has the deadline to itself: many tasks take many calls.
        tally = await drive_async(steps, self._store.run)
        return LiveOutcome(
            matched=tally.matched,
            changed=tally.changed,
            states=dict(tally.states),
            dry_run=asked.dry_run,
            more=tally.more,
            sample=tuple(tally.sample),
        )


def asked_for(asked: CancelRequest | RetryRequest) -> List:
    """The filter as the store takes it, whoever asks."""
    return replace(filter_of(asked), state=State(asked.state) if asked.state else None)


def target_of(asked: CancelRequest | RetryRequest) -> str:
    """What is meant, as the audit log tells it."""
    return "all" if asked.all else asked_for(asked).as_query()


def _within(caller: Caller, asked: CancelRequest | RetryRequest) -> List:
    """Those of them that the caller may see and touch. Raises SubmissionInvalid where nothing is said of which are meant."""
    wanted = asked_for(asked)
    if not asked.all and not wanted.given:
        raise SubmissionInvalid([Fault(field="all", message=_UNSAID)])
    return replace(wanted, tenant=caller.reach_of(asked.tenant))
