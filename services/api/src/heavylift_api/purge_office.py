"""Purging a queue: first it is told how much would go, and what is confirmed goes."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from heavylift.outcome import Failure
from heavylift.store.calls import FindPurge, KeepPurge, PurgePlan, PurgeQueue
from heavylift.telemetry import QueuePurged, Reporter
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import PurgeTokenInvalid
from heavylift_api.queue_office import check_reach, unknown
from heavylift_api.queue_shapes import QueuePurgeView

VALID: Final = 300.0  #: Seconds for which a token is good: long enough to think, too short to be found in an old note.
MOST: Final = 10_000  #: Tasks that one request calls off, before the proxies in front of it lose patience.


class PurgeOffice:
    """Calls off what waits in a queue, upon confirmation."""

    def __init__(self, store: TimelyStore, reporter: Reporter) -> None:
        self._store = store
        self._reporter = reporter

    async def plan(self, caller: Caller, queue: str) -> QueuePurgeView:
        """How many tasks wait now, and a token that confirms that they go. Nothing is changed. Raises QueueNotFound."""
        check_reach(caller, queue)
        plan = await self._count(caller, queue)
        token, expires_at = secrets.token_urlsafe(18), datetime.now(UTC) + timedelta(seconds=VALID)
        await self._store.run(KeepPurge(token, plan, VALID))
        return QueuePurgeView(
            queue=queue, waiting=plan.count, cancelled=0, more=plan.count > 0, token=token, expires_at=expires_at
        )

    async def carry_out(self, caller: Caller, queue: str, token: str) -> QueuePurgeView:
        """Call off what was counted and still waits, ``MOST`` of it at once.

        Asked again it goes on, with the same token. Raises PurgeTokenInvalid, QueueNotFound.
        """
        check_reach(caller, queue)
        plan = await self._store.run(FindPurge(token))
        if plan is None or plan.queue != queue:
            raise PurgeTokenInvalid(
                f"the token is not one for the queue {queue}, or its {VALID:.0f} s are over; ask without a token for a new one"
            )
        cancelled, more = await self._call_off(caller, plan)
        self._reporter.report(QueuePurged(queue=queue, cancelled=cancelled, by=caller.key))
        return QueuePurgeView(queue=queue, waiting=plan.count, cancelled=cancelled, more=more, token=None, expires_at=None)

    async def _count(self, caller: Caller, queue: str) -> PurgePlan:
        count, cursor, till = 0, "", None
        while True:
            portion = await self._store.run(PurgeQueue(queue, None, till, cursor, caller.reach))
            if portion is None:
                raise unknown(queue)
            count, cursor, till = count + portion.count, portion.cursor, portion.till
            if not cursor:
                return PurgePlan(queue, count, till)

    async def _call_off(self, caller: Caller, plan: PurgePlan) -> tuple[int, bool]:
        by = f" by the key {caller.key}" if caller.key else ""
        error = Failure("Purged", f"the queue {plan.queue} was purged{by} while the task waited", retryable=False)
        cancelled, cursor = 0, ""
        while cancelled < MOST:
            portion = await self._store.run(PurgeQueue(plan.queue, error, plan.till, cursor, caller.reach))
            if portion is None:
                raise unknown(plan.queue)
            cancelled, cursor = cancelled + portion.count, portion.cursor
            if not cursor:
                return cancelled, False
        return cancelled, True
