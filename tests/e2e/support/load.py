"""Clients that submit at a steady pace, and others that follow what was accepted."""

import queue
import threading
import time
from collections.abc import Callable
from random import Random
from typing import Final

import httpx

from tests.e2e.support.entrance import Entrance, end_of
from tests.e2e.support.history import End, Submission

_PACE: Final = 0.1  #: Seconds between two submissions of one client.
_FOLLOWED: Final = 10  #: One of so many tasks is followed to its end.
_LONGEST_FOLLOWED: Final = 90.0  #: Seconds.


class Load:
    """``clients`` that submit tasks with the tag ``tag``, and some that follow."""

    def __init__(
        self, connect: Callable[[], Entrance], journal_url: str, tag: str, *, seed: int, clients: int = 2, followers: int = 2
    ) -> None:
        self._connect = connect
        self._journal_url = journal_url
        self._tag = tag
        self._stop = threading.Event()
        self._followed: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._submitters = [threading.Thread(target=self._submit, args=(Random(f"{seed} {n}"),)) for n in range(clients)]
        self._followers = [threading.Thread(target=self._follow) for _ in range(followers)]
        self.submissions: list[Submission] = []
        self.sightings: list[End] = []

    def start(self) -> None:
        """Begin."""
        for thread in (*self._submitters, *self._followers):
            thread.start()

    def stop(self) -> None:
        """Ask for nothing more, and return when every answer is in and everything followed has ended."""
        self._stop.set()
        for thread in self._submitters:
            thread.join()
        for _ in self._followers:
            self._followed.put(None)
        for thread in self._followers:
            thread.join()

    def _submit(self, chance: Random) -> None:
        with self._connect() as entrance:
            while not self._stop.wait(_PACE):
                kind, seconds = _draw(chance)
                payload = {"token": self._tag, "journal": self._journal_url, "seconds": seconds}
                submission = entrance.submit(kind, payload, self._tag)
                self.submissions.append(submission)
                task = submission.requests[-1].task
                if task and len(self.submissions) % _FOLLOWED == 0:
                    self._followed.put(task)

    def _follow(self) -> None:
        with self._connect() as entrance:
            while (task := self._followed.get()) is not None:
                self._see(entrance, task)

    def _see(self, entrance: Entrance, task: str) -> None:
        deadline = time.monotonic() + _LONGEST_FOLLOWED
        while time.monotonic() < deadline:
            try:
                end = end_of(entrance.read(task, wait=5.0))
            except httpx.HTTPError:
                self._stop.wait(_PACE)
                continue
            if end:
                self.sightings.append(end)
                return


def _draw(chance: Random) -> tuple[str, float]:
    """Mostly tiny tasks; one in twenty takes seconds, so that some run at any moment."""
    if chance.random() < 0.05:
        return "chaos.threaded", chance.uniform(3.0, 8.0)
    return "chaos.work", chance.uniform(0.005, 0.03)
