"""What any worker does for all: tasks that are due are queued, what the dead held is handed on, the catalogue is published, and
what has been kept for its time goes.

Every guardian does it; the scripts make it harmless that several do.
"""

from collections.abc import Sequence
from typing import Final

from heavylift.catalogue import Kind
from heavylift.store.calls import Promote, Publish, Read, Reap, Sweep
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Promoted, QueueResumed, Reporter, StoreSwept
from heavylift.worker.cut_short import dead_lettered, handed_on

PROMOTE_EVERY: Final = 0.1  # seconds: a task starts at most this much after its time
PUBLISH_EVERY: Final = 60.0  # seconds: a Redis that lost its data knows the kinds again after this
SWEEP_EVERY: Final = 60.0  # seconds: what is swept was kept for hours


class Upkeep:
    """The duties; each method is the body of a Loop."""

    def __init__(
        self,
        store: RedisStore,
        reporter: Reporter,
        *,
        kinds: Sequence[Kind],
        lease: float,
        max_deliveries: int,
    ) -> None:
        self._store = store
        self._reporter = reporter
        self._kinds = tuple(kinds)
        self._lease = lease
        self._max_deliveries = max_deliveries

    def promote(self) -> float:
        """Queue what is due, end what is too late, and let queues go on whose pause is over."""
        call = Promote()
        moved = self._store.run(call)
        if moved.promoted or moved.expired:
            self._reporter.report(Promoted(due=len(moved.promoted), expired=len(moved.expired)))
        for queue in moved.resumed:
            self._reporter.report(QueueResumed(queue=queue))
        if max(len(moved.promoted), len(moved.expired)) >= call.count:
            return 0.0
        return PROMOTE_EVERY if moved.next_due is None else min(PROMOTE_EVERY, moved.next_due)

    def reap(self) -> float:
        """Hand on what consumers held whose lease has ended."""
        for handed in self._store.run(Reap(self._max_deliveries, lease=self._lease)):
            self._reporter.report(handed_on(handed, "its lease ended"))
            self._report_buried(handed.buried)
        return min(1.0, self._lease / 8)  # several times in the half lease after which a pause is taken for an absence

    def sweep(self) -> float:
        """Remove what has been kept for its time, in portions that do not hold Redis."""
        swept = self._store.run(Sweep())
        if swept.lapsed or swept.dropped or swept.indexes or swept.queues:
            self._reporter.report(
                StoreSwept(lapsed=swept.lapsed, dropped=swept.dropped, indexes=swept.indexes, queues=swept.queues)
            )
        return 0.0 if swept.more else SWEEP_EVERY

    def _report_buried(self, ids: Sequence[str]) -> None:
        for task_id in ids:
            record = self._store.run(Read(task_id))
            dead = None if record is None else dead_lettered(record)
            if dead is not None:
                self._reporter.report(dead)

    def publish(self) -> float:
        """Publish the kinds that this worker can run."""
        if self._kinds:
            self._store.run(Publish(self._kinds))
        return PUBLISH_EVERY
