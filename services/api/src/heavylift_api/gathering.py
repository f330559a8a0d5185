"""Submissions that come while others are on their way to Redis go there together: one call for all of them costs little more."""

import asyncio
import contextvars
from collections import deque
from collections.abc import Sequence
from typing import Final

from heavylift.errors import QueueFull
from heavylift.record import Accepted, Durability, Submission
from heavylift.store.calls import SubmitEach
from heavylift_api.deadline import TimelyStore

MOST: Final = 64  #: Submissions in one call: three milliseconds of Redis.
CALLS: Final = 2  #: Calls on their way at once: while Redis works on one, the answers of the other are read.

_Waiting = deque[tuple[Submission, asyncio.Future[Accepted]]]


class Gathering:
    """One call for all submissions that wait. Whoever comes alone goes at once; each kind of durability has a line of its own."""

    def __init__(self, store: TimelyStore) -> None:
        self._store = store
        self._waiting: dict[Durability, _Waiting] = {durability: deque() for durability in Durability}
        self._calls = dict.fromkeys(Durability, 0)
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, task: Submission, durability: Durability) -> Accepted:
        """Record one task. Raises QueueFull; StoreUnavailable, NotReplicated, StoreRefused for all that went together.

        Who stops waiting does not stop the call: others may be in it, and it may be on its way already.
        """
        answer: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting[durability].append((task, answer))
        if self._calls[durability] < CALLS:
            self._calls[durability] += 1
            calling = asyncio.create_task(self._call(durability), context=contextvars.Context())  # it is nobody's own
            self._tasks.add(calling)
            calling.add_done_callback(self._tasks.discard)
        return await answer

    async def _call(self, durability: Durability) -> None:
        try:
            while self._waiting[durability]:
                await self._record(self._next(durability), durability)
        finally:
            self._calls[durability] -= 1  # in the very step that sees nobody waiting: whoever comes after it begins a new one

    def _next(self, durability: Durability) -> list[tuple[Submission, asyncio.Future[Accepted]]]:
        waiting = self._waiting[durability]
        together = [waiting.popleft() for _ in range(min(MOST, len(waiting)))]
        return [(task, answer) for task, answer in together if not answer.done()]  # else nobody waits for it any more

    async def _record(self, wanted: list[tuple[Submission, asyncio.Future[Accepted]]], durability: Durability) -> None:
        if not wanted:
            return
        try:
            answers: Sequence[Accepted | Exception] = await self._submit(tuple(task for task, _ in wanted), durability)
        except Exception as error:  # each of those who wait is to hear of it
            answers = [error] * len(wanted)
        for (_, answer), told in zip(wanted, answers, strict=True):
            _tell(answer, told)

    async def _submit(self, tasks: tuple[Submission, ...], durability: Durability) -> tuple[Accepted | QueueFull, ...]:
        return await self._store.run(SubmitEach(tasks, durability))


def _tell(answer: asyncio.Future[Accepted], told: Accepted | Exception) -> None:
    if answer.done():  # who asked has gone
        return
    if isinstance(told, Exception):
        answer.set_exception(told)
    else:
        answer.set_result(told)
