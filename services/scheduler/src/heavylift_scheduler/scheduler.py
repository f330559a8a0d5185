"""The loop: sleep until something comes, fire what has come, and sleep again. Any number of replicas may do so at once."""

import logging
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final

from heavylift.errors import HeavyliftError
from heavylift.record import Durability
from heavylift.schedule import KeptSchedule
from heavylift.store.calls import DueReply, DueSchedules
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter, SchedulesLooked, ScheduleTrouble, StoreTrouble
from heavylift_scheduler.bell import Bell
from heavylift_scheduler.firing import Firing
from heavylift_scheduler.kinds import Kinds

logger = logging.getLogger(__name__)

LONGEST_SLEEP: Final = 5.0  #: Seconds. A change that nobody was told of, as after a failover, is seen after that.
AFTER_TROUBLE: Final = 1.0  #: Seconds before what failed is tried again.
SILENT: Final = 10.0  #: Seconds without an answer of Redis after which this replica is of no use.


class Scheduler:
    """Fires schedules until ``stop``. Which replica fires a time is decided by the store: the first one does."""

    def __init__(
        self,
        store: RedisStore,
        reporter: Reporter,
        *,
        durability: Durability = Durability.MEMORY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._reporter = reporter
        self._clock = clock
        self._firing = Firing(store, Kinds(store), reporter, durability)
        self._rings: SimpleQueue[None] = SimpleQueue()  # an Event would lock itself out, set by a signal that interrupts its wait
        self._stopping = False
        self._answered_at: float | None = None
        self._trouble = "it was not asked yet"

    def run(self) -> None:
        """Begin, and go on until ``stop``."""
        bell = Bell(self._store, self._wake)
        bell.start()
        while not self._stopping:
            self._sleep(self._once())
        bell.stop()

    def stop(self) -> None:
        """End after what is under way. Safe in a signal handler."""
        self._stopping = True
        self._wake()

    def faults(self) -> Sequence[str]:
        """Why this replica fires nothing, in sentences."""
        if self._answered_at is None:
            return [f"Redis has not answered yet: {self._trouble}"]
        silent = self._clock() - self._answered_at
        return [f"Redis has not answered for {silent:.0f} s: {self._trouble}"] if silent > SILENT else []

    def _wake(self) -> None:
        self._rings.put(None)

    def _sleep(self, seconds: float) -> None:
        """Until somebody rings. All who have rung by then are answered by one look."""
        try:
            self._rings.get(timeout=seconds)
            while True:
                self._rings.get_nowait()
        except Empty:
            return

    def _once(self) -> float:
        """A round that fails unforeseen is told of and is no end."""
        try:
            return self._round()
        except Exception:
            logger.exception("a round failed")
            return AFTER_TROUBLE

    def _round(self) -> float:
        """Fire what has come. Returns for how many seconds nothing more will come."""
        try:
            reply = self._look()
        except HeavyliftError as error:
            self._trouble = str(error)
            self._reporter.report(StoreTrouble(component="scheduler", error_type=type(error).__name__, message=str(error)))
            return AFTER_TROUBLE
        fired = [self._fire(kept, reply) for kept in reply.due]
        for place in reply.unreadable:
            self._tell(place, "Unreadable", "it was written in words that are unknown here, by another version perhaps")
        if reply.unreadable or not all(fired):
            return AFTER_TROUBLE
        # What has come is fired in portions, and what comes again at once is not known yet.
        return 0.0 if fired else min(LONGEST_SLEEP, LONGEST_SLEEP if reply.until_next is None else reply.until_next)

    def _look(self) -> DueReply:
        reply = self._store.run(DueSchedules())
        self._answered_at = self._clock()
        self._reporter.report(SchedulesLooked(at=reply.now.timestamp()))
        return reply

    def _fire(self, kept: KeptSchedule, reply: DueReply) -> bool:
        """Whether it could be fired, by us or by another. One schedule that cannot be is no harm to the others."""
        try:
            self._firing.fire(kept, reply.now)
        except Exception as error:
            if not isinstance(error, HeavyliftError):
                logger.exception("a schedule could not be fired")
            self._tell(kept.schedule.place, type(error).__name__, str(error))
            return False
        return True

    def _tell(self, place: str, error_type: str, message: str) -> None:
        tenant, _, name = place.partition("/")
        self._reporter.report(ScheduleTrouble(schedule=name, tenant=tenant, error_type=error_type, message=message))
