"""Many who ask the API at once, so that it has something to do."""

import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from tests.e2e.support.entrance import Entrance


class Crowd:
    """Clients that ask for the description of the API, again and again, while inside ``with``. ``answers`` counts by status."""

    def __init__(self, connect: Callable[[], Entrance], people: int) -> None:
        self._connect = connect
        self._gone = threading.Event()
        self._people = [threading.Thread(target=self._ask) for _ in range(people)]
        self.answers: Counter[str] = Counter()

    def __enter__(self) -> Self:
        for person in self._people:
            person.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._gone.set()
        for person in self._people:
            person.join()

    def _ask(self) -> None:
        with self._connect() as entrance:
            while not self._gone.is_set():
                try:
                    answer = str(entrance.status("/openapi.json"))
                except httpx.TransportError as error:
                    answer = repr(error)
                self.answers[answer] += 1
