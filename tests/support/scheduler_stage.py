"""A scheduler in threads of a test, with a real store."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from heavylift.record import from_ms
from heavylift.schedule import KeptSchedule, Schedule, Timing, outlook
from heavylift.store.calls import PutSchedule, ReadSchedule
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Event, Reporter
from heavylift_scheduler.scheduler import Scheduler


@dataclass
class Replica:
    """One scheduler, and what it has reported."""

    scheduler: Scheduler
    events: list[Event]

    def told(self, kind: type[Event]) -> list[Any]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]


@contextmanager
def scheduler(store: RedisStore) -> Iterator[Replica]:
    """One that runs."""
    events: list[Event] = []
    running = Scheduler(store, Reporter(events.append))
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield Replica(running, events)
    finally:
        running.stop()
        thread.join()


def now_of(store: RedisStore) -> datetime:
    """The store's clock."""
    seconds, microseconds = store._client.time()
    return from_ms(seconds * 1000 + microseconds // 1000)


def put(store: RedisStore, *, ago: float | None = None, **fields: Any) -> KeptSchedule:
    """Put a schedule; with ``ago``, it was to come so many seconds ago."""
    schedule = Schedule(**({"name": "nightly", "kind": "demo.work", "timing": Timing(every=1)} | fields))
    now = now_of(store)
    following, apart = outlook(schedule, now if ago is None else now - timedelta(seconds=ago))
    kept = store.run(PutSchedule(schedule, following, apart)).kept
    assert kept is not None
    return kept


def kept(store: RedisStore, name: str = "nightly") -> KeptSchedule:
    """A schedule as it is now."""
    (found,) = store.run(ReadSchedule("", name)).schedules
    return found
