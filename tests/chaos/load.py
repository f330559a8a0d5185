"""Submitters that keep the queue full: to the store in batches, and over HTTP one by one."""

import json
import threading
from abc import ABC, abstractmethod
from random import Random
from typing import Final

import httpx

from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.record import Durability
from heavylift.store.calls import Cancel, Statistics, Submit
from heavylift.store.redis import RedisStore
from tests.chaos.book import Book
from tests.chaos.history import Answer
from tests.chaos.orders import Order, draw, draw_plain

_PAUSE: Final = 0.05  # seconds between looks at a full queue, or at a Redis that does not answer


class Submitter(ABC):
    """One thread that submits, writes down what it asked for and what was answered, and submits again."""

    def __init__(self, book: Book, journal_url: str, chance: Random) -> None:
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
            orders = self._draw()
            asks = [order.ask for order in orders]
            self._book.open(asks)
            self._book.answer(asks, self._submit(orders))

    @abstractmethod
    def _draw(self) -> list[Order]:
        """What to ask for now."""

    @abstractmethod
    def _submit(self, orders: list[Order]) -> Answer:
        """Ask for all of it at once."""


class StoreSubmitter(Submitter):
    """In batches, while fewer than ``full`` tasks wait."""

    def __init__(
        self, store: RedisStore, book: Book, journal_url: str, chance: Random, *, durability: Durability, full: int
    ) -> None:
        super().__init__(book, journal_url, chance)
        self._store = store
        self._durability = durability
        self._full = full

    def _draw(self) -> list[Order]:
        number = self._chance.randint(1, 60)
        if self._is_full():
            self._stop.wait(_PAUSE)
            number = 1  # all the same, so that every fault finds submissions on their way
        return [draw(self._chance, self._journal_url) for _ in range(number)]

    def _is_full(self) -> bool:
        try:
            return sum(queue.ready for queue in self._store.run(Statistics()).queues) > self._full
        except (StoreUnavailable, StoreRefused):
            return True

    def _submit(self, orders: list[Order]) -> Answer:
        answer = self._insist(orders)
        for order in orders:
            if order.called_off:
                self._call_off(order)
        return answer

    def _insist(self, orders: list[Order]) -> Answer:
        """Half of those who get no answer ask again, under the same ids, until they get one."""
        insists = self._chance.random() < 0.5
        asked_before = False
        while True:
            try:
                self._store.run(Submit(tuple(order.submission for order in orders), self._durability))
            except StoreUnavailable:
                asked_before = True
                if not insists or self._stop.wait(_PAUSE):
                    return Answer.UNKNOWN
            except StoreRefused:  # which says nothing of what was asked before
                return Answer.UNKNOWN if asked_before else Answer.REFUSED
            else:
                return Answer.ACKNOWLEDGED

    def _call_off(self, order: Order) -> None:
        try:
            self._store.run(Cancel(order.submission.id))
        except (StoreUnavailable, StoreRefused):
            return  # it ends as it would have


class HttpSubmitter(Submitter):
    """Over HTTP, a few each second."""

    def __init__(self, base: str, book: Book, journal_url: str, chance: Random) -> None:
        super().__init__(book, journal_url, chance)
        self._client = httpx.Client(base_url=base, timeout=5.0)

    def stop(self) -> None:
        """As of any."""
        super().stop()
        self._client.close()

    def _draw(self) -> list[Order]:
        self._stop.wait(_PAUSE)
        return [draw_plain(self._chance, self._journal_url)]

    def _submit(self, orders: list[Order]) -> Answer:
        """Half of those who get no answer ask again, under the same id, until they get one."""
        (order,) = orders
        insists = self._chance.random() < 0.5
        while (answer := self._ask(order)) is Answer.UNKNOWN and insists and not self._stop.wait(_PAUSE):
            pass
        return answer

    def _ask(self, order: Order) -> Answer:
        task = order.submission
        try:
            answer = self._client.post("/v1/tasks", json={"id": task.id, "kind": task.kind, "payload": json.loads(task.payload)})
        except httpx.TransportError:
            return Answer.UNKNOWN
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:  # Redis said nothing in time, and may have done it
            return Answer.UNKNOWN
        return Answer.ACKNOWLEDGED if answer.status_code == httpx.codes.ACCEPTED else Answer.REFUSED
