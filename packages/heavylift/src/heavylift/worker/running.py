"""The runs of tasks in this child, as their contexts see them, and who tells them to stop."""

import asyncio
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextvars import Token
from types import TracebackType
from typing import Any, Self

from heavylift.celery.tasks import GaveWay, GaveWayLost
from heavylift.context.link import LINK, Link
from heavylift.context.progress import Progress
from heavylift.errors import TaskCancelled
from heavylift.record import Delivery
from heavylift.store.calls import Memo, Recall
from heavylift.worker.run_log import EVERYTHING, LogRules, RunLog
from heavylift.worker.scribe import Scribe


class Run:
    """One run of a task: the ``Link`` of its context, and what a ``with`` holds while it lasts.

    It is made for every task, so what most tasks never ask for stays with the class until they ask.
    """

    cancelled = lost = over = spoke = False
    awaited: "asyncio.Task[Any] | None" = None
    deadline: float | None = None
    _effects: dict[str, str] | None = None
    _log: RunLog | None = None
    _progress: Progress | None = None
    _untold = _interrupted = False

    def __init__(self, delivery: Delivery, timeout: float | None, runs: "Runs") -> None:
        self.delivery = delivery
        self._runs = runs
        if timeout is not None:
            self.deadline = time.monotonic() + timeout

    def __enter__(self) -> Self:
        runs = self._runs
        runs.all.add(self)
        if runs.forlorn and id(self.delivery) in runs.forlorn:
            runs.stop(self, lost=True)
        self._token: Token[Link | None] = LINK.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        LINK.reset(self._token)
        runs = self._runs
        with runs.lock:  # from here on nobody stops it, and what is said of its slot is said of the next
            self.over = True
            runs.all.discard(self)

    @property
    def task_id(self) -> str:
        return self.delivery.id

    @property
    def kind(self) -> str:
        return self.delivery.kind

    @property
    def queue(self) -> str:
        return self.delivery.queue

    @property
    def attempt(self) -> int:
        return self.delivery.attempt

    @property
    def max_attempts(self) -> int:
        return self.delivery.max_attempts

    @property
    def fence(self) -> int:
        return self.delivery.fence

    @property
    def first_run(self) -> bool:
        return self.delivery.fence == 1

    @property
    def last_checkpoint(self) -> str | None:
        return self.delivery.checkpoint

    @property
    def effects(self) -> dict[str, str]:
        if self._effects is None:
            self._effects = {}
        return self._effects

    def last_words(self) -> tuple[Memo, ...]:
        """Its last lines and its newest progress, if nobody has carried them to the store. To be asked when the run is over.

        Whatever is on its way arrives first: behind the end it would be refused, and behind this it would be the older one.
        """
        with self._runs.scribe.carrying:
            said = self._progress if self._untold else None
            lines = self.take_lines()
        return lines if said is None else (*lines, Memo.progress(self.task_id, self.fence, said.as_json()))

    def write(self, at: int, level: str, logger: str, message: str, fields: dict[str, Any]) -> None:
        """Keep a line that it logs. Never waits for the store."""
        log = self._log or self._runs.open_log(self)
        self.spoke = True
        if log.write(at, level, self.attempt, logger, message, fields):
            self._runs.scribe.tell(self)

    def take_lines(self) -> tuple[Memo, ...]:
        """What it has logged and the store has not got yet."""
        return () if self._log is None else self._log.take(self.task_id, self.fence)

    def lines_arrived(self) -> tuple[int, int]:
        """What was taken is there. Returns how many lines are kept since this was last said, and how many are not."""
        return (0, 0) if self._log is None else self._log.arrived()

    def tell(self, progress: Progress) -> None:
        self._progress, self.spoke = progress, True
        if not self._untold:  # else the scribe has been told and will find this
            self._untold = True
            self._runs.scribe.tell(self)

    def take_progress(self) -> Progress | None:
        """How far it is, if it has said so since this was last asked."""
        if not self._untold:
            return None
        self._untold = False  # before the look: what is said after it is told anew
        return self._progress

    def put_back_progress(self) -> None:
        """What was taken could not be told."""
        self._untold = self._progress is not None

    def keep_checkpoint(self, text: str) -> "Future[None]":
        return self._runs.scribe.carry(self, Memo.checkpoint(self.task_id, self.fence, text))

    def keep_effect(self, name: str, text: str) -> "Future[None]":
        return self._runs.scribe.carry(self, Memo.effect(self.task_id, self.fence, name, text))

    def recall_effect(self, name: str) -> "Future[str | None]":
        return self._runs.scribe.carry(self, Recall(self.task_id, self.fence, name))

    def cancellation(self) -> TaskCancelled:
        return GaveWayLost() if self.lost else GaveWay()

    def interrupt(self) -> None:
        if self.awaited is not None and not self._interrupted:
            self._interrupted = True  # a second interruption would hit it while it gives way
            self.awaited.cancel()

    def lose(self) -> None:
        """Another worker has the task by now."""
        self._runs.stop(self, lost=True)

    def stop(self, *, lost: bool) -> None:
        """For ``Runs``: let the task know."""
        self.lost = self.lost or lost
        self.cancelled = True
        awaited = self.awaited
        if awaited is not None:
            awaited.get_loop().call_soon_threadsafe(self.interrupt)


class Runs:
    """All that run in this child. ``on_lost`` is called while a run that has lost its task still lasts."""

    def __init__(self, scribe: Scribe, *, on_lost: Callable[[], object] = lambda: None, log_rules: LogRules = EVERYTHING) -> None:
        self.scribe = scribe
        self._log_rules = log_rules
        self._on_lost = on_lost
        self.lock = threading.Lock()
        self.all: set[Run] = set()
        self.forlorn: dict[int, Delivery] = {}  #: Those that were lost last and may not have begun, by their identity.

    def open_log(self, run: Run) -> RunLog:
        """The log of a run, made with its first line."""
        with self.lock:  # several threads of a task may log at once
            run._log = run._log or RunLog(self._log_rules)
            return run._log

    def cancel(self, ids: Collection[str]) -> None:
        """Somebody called these tasks off."""
        for run in self.all.copy():  # a copy, which is made in one step: others begin and end
            if run.task_id in ids:
                self.stop(run, lost=False)

    def lose(self, deliveries: Collection[Delivery]) -> None:
        """Others have these tasks by now, those that run and those that wait to be run.

        Not whoever has the same fence: a failover that took claims back lets their fences be given out again, here too.
        """
        self.forlorn = {id(delivery): delivery for delivery in deliveries}
        for run in self.all.copy():
            if id(run.delivery) in self.forlorn:
                self.stop(run, lost=True)

    def stop(self, run: Run, *, lost: bool) -> None:
        """Let a run know that it is to stop, unless it is over."""
        with self.lock:
            if run.over:
                return
            run.stop(lost=lost)
            if lost:
                self._on_lost()
