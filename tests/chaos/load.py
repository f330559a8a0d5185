"""Submitters that keep the queue full, and the book of who asked for what and what came back."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any, Final

from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.record import Executor, Priority, Submission, new_task_id
from heavylift.state import State
from heavylift.store.calls import Cancel, Statistics, Submit
from heavylift.store.redis import RedisStore
from tests.chaos.history import Answer, Ask
from tests.chaos.tasks import ATTEMPTS

_FULL: Final = 1_500  # tasks that wait: enough to saturate, and few enough to be drained in seconds
_PAUSE: Final = 0.05  # seconds between looks at a full queue, or at a Redis that does not answer

#: How many of a hundred tasks are of a kind, where it runs, and its end when nothing intervenes.
_KINDS: Final = MappingProxyType(
    {
        "chaos.work": (63, Executor.PROCESS, State.SUCCEEDED),
        "chaos.timed": (2, Executor.PROCESS, State.SUCCEEDED),
        "chaos.threaded": (25, Executor.THREADS, State.SUCCEEDED),
        "chaos.retry": (6, Executor.PROCESS, State.SUCCEEDED),
        "chaos.fail": (4, Executor.PROCESS, State.FAILED),
    }
)


class Book:
    """Every ask and its answer. Several submitters write."""

    def __init__(self) -> None:
        self._asks: dict[str, Ask] = {}

    def open(self, asks: Sequence[Ask]) -> None:
        """Write down what is about to be asked: until an answer comes it is unknown."""
        self._asks |= {ask.token: ask for ask in asks}

    def answer(self, asks: Sequence[Ask], answer: Answer) -> None:
        """Write down what came back."""
        self._asks |= {ask.token: replace(ask, answer=answer) for ask in asks}

    def asks(self) -> tuple[Ask, ...]:
        """All of them."""
        return tuple(self._asks.values())


@dataclass(frozen=True, slots=True)
class Order:
    """One task as its submitter wants it. ``called_off``: it is cancelled as soon as it is acknowledged."""

    submission: Submission
    ask: Ask
    called_off: bool


class Submitter:
    """One thread that submits batches to the store while the queue is not full."""

    def __init__(self, store: RedisStore, book: Book, journal_url: str, chance: Random) -> None:
        self._store = store
        self._book = book
        self._journal_url = journal_url
        self._chance = chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="submitter")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for nothing more, and return when the last answer is in."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            if self._is_full():
                self._stop.wait(_PAUSE)
                self._submit([self._order()])  # all the same, so that every fault finds submissions on their way
            else:
                self._submit([self._order() for _ in range(self._chance.randint(1, 60))])

    def _is_full(self) -> bool:
        try:
            return sum(queue.ready for queue in self._store.run(Statistics()).queues) > _FULL
        except (StoreUnavailable, StoreRefused):
            return True

    def _submit(self, orders: list[Order]) -> None:
        asks = [order.ask for order in orders]
        self._book.open(asks)
        self._book.answer(asks, self._answer(orders))
        for order in orders:
            if order.called_off:
                self._call_off(order)

    def _answer(self, orders: list[Order]) -> Answer:
        """Half of those who get no answer ask again, under the same ids, until they get one."""
        insists = self._chance.random() < 0.5
        while True:
            try:
                self._store.run(Submit(tuple(order.submission for order in orders)))
            except StoreUnavailable:
                if not insists or self._stop.wait(_PAUSE):
                    return Answer.UNKNOWN
            except StoreRefused:
                return Answer.REFUSED
            else:
                return Answer.ACKNOWLEDGED

    def _call_off(self, order: Order) -> None:
        try:
            self._store.run(Cancel(order.submission.id))
        except (StoreUnavailable, StoreRefused):
            return  # it ends as it would have

    def _order(self) -> Order:
        chance = self._chance
        kind = chance.choices(list(_KINDS), weights=[share for share, _, _ in _KINDS.values()])[0]
        _, executor, end = _KINDS[kind]
        task, ends = new_task_id(), {end}
        special: dict[str, Any] = {}
        called_off = chance.random() < 0.02
        if called_off:
            ends.add(State.CANCELLED)
        if chance.random() < 0.05:
            special["delay"] = chance.uniform(0.01, 2.0)
        elif chance.random() < 0.03:
            special["expires_at"] = datetime.now(UTC) + timedelta(seconds=chance.uniform(0.01, 3.0))
            ends.add(State.EXPIRED)
        priority = chance.choices([Priority.HIGH, Priority.NORMAL, Priority.LOW], weights=(1, 8, 1))[0]
        payload = json.dumps({"token": task, "journal": self._journal_url, "seconds": _seconds(kind, chance)})
        submission = Submission(
            id=task, kind=kind, executor=executor, payload=payload, priority=priority, max_attempts=ATTEMPTS, **special
        )
        return Order(submission, Ask(task, frozenset(ends)), called_off)


def _seconds(kind: str, chance: Random) -> float:
    """Mostly a few milliseconds, now and then what keeps those behind it waiting; with a time limit always long."""
    weights = (0, 0, 1) if kind == "chaos.timed" else (950, 45, 5)
    low, high = chance.choices([(0.001, 0.006), (0.02, 0.08), (0.1, 0.5)], weights=weights)[0]
    return chance.uniform(low, high)
