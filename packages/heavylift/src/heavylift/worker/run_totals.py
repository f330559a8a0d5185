"""How long tasks run, for whoever decides how many workers there should be: in sums, once a second."""

import threading
from collections.abc import Mapping, Sequence
from typing import Final, Self

from celery import Celery

from heavylift.celery.tasks import kinds_of
from heavylift.record import Executor
from heavylift.store.calls import Runs, TellRuns
from heavylift.store.redis import RedisStore
from heavylift.telemetry import AttemptEnded, Event, TasksSucceeded

EVERY: Final = 1.0  # seconds: as often as somebody decides; a task costs nothing more, however many there are

Place = tuple[str, Executor, str]


class RunTotals:
    """Hears every attempt that a worker's children have ended, and tells the store of all of them together.

    ``executors`` has the kind of child that runs each kind of task, where that is not a process.
    """

    def __init__(self, executors: Mapping[str, Executor]) -> None:
        self._executors = executors
        self._lock = threading.Lock()
        self._sums: dict[Place, tuple[int, float]] = {}

    @classmethod
    def of(cls, app: Celery) -> Self:
        """For the tasks of an app."""
        return cls({kind.name: kind.executor for kind in kinds_of(app)})

    def hear(self, event: Event) -> None:
        """Hear a fact. An end that the store refused is none: whoever holds the task by now will tell of it."""
        match event:
            case TasksSucceeded():
                self._add(event.queue, event.kind, event.durations)
            case AttemptEnded(committed=True):
                self._add(event.queue, event.kind, (event.duration,))

    def tell(self, store: RedisStore) -> float:
        """The body of a duty. Told once: what may have been heard is better lost than counted twice."""
        with self._lock:
            sums, self._sums = self._sums, {}
        if sums:
            store.run(TellRuns(tuple(Runs(*place, attempts, seconds) for place, (attempts, seconds) in sums.items())))
        return EVERY

    def _add(self, queue: str, kind: str, durations: Sequence[float]) -> None:
        place = queue, self._executors.get(kind, Executor.PROCESS), kind
        with self._lock:
            attempts, seconds = self._sums.get(place, (0, 0.0))
            self._sums[place] = attempts + len(durations), seconds + sum(durations)
