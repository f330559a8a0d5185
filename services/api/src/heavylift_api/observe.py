"""Following tasks: read one, wait for its end, list many."""

import base64
import binascii
from dataclasses import replace
from typing import Final, TypeVar

from heavylift.errors import TaskNotFound
from heavylift.record import Record
from heavylift.store.calls import List, Read
from heavylift_api.callers import Caller
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import CursorInvalid
from heavylift_api.schemas import TaskFilter, TaskPage, TaskQuery, TaskView
from heavylift_api.views import task_summary, task_view
from heavylift_api.waiters import Waiters

Known = TypeVar("Known")

_CURSOR: Final = "1:"  #: The version of what a cursor says, in front of it.
_LARGEST: Final = 2**53  #: Redis keeps scores as doubles: whole numbers end there.


class Observer:
    """Answers what became of tasks."""

    def __init__(self, store: TimelyStore, waiters: Waiters, *, longest_wait: float) -> None:
        self._store = store
        self._waiters = waiters
        self._longest_wait = longest_wait

    async def read(self, caller: Caller, id_: str) -> TaskView:
        """The task as it is now. Raises TaskNotFound."""
        return task_view(existing(id_, await self._store.run(Read(id_, reach=caller.reach))), caller)

    async def wait(self, caller: Caller, id_: str, seconds: float) -> TaskView:
        """The task when it has ended, or as it is when ``seconds`` are over. Raises TaskNotFound."""
        seconds = min(seconds, self._longest_wait)
        with self._waiters.waiting(id_) as wake:
            record = await self._waiters.look_until(wake, seconds, lambda: self._watch(caller, id_), lambda seen: seen.ended)
        return task_view(record, caller)

    async def list(self, caller: Caller, asked: TaskQuery, path: str) -> TaskPage:
        """One page of the tasks that fit what is ``asked``; its ``next`` is an address under ``path``.

        Raises CursorInvalid, SubmissionInvalid.
        """
        query = _list_call(asked)
        page = await self._store.run(replace(query, tenant=caller.reach_of(asked.tenant)))
        following = None if page.cursor is None else write_cursor(page.cursor)
        return TaskPage(
            tasks=tuple(task_summary(record, caller) for record in page.records),
            cursor=following,
            next=None if following is None else _next(path, query, following),
        )

    async def _watch(self, caller: Caller, id_: str) -> Record:
        async with self._store.deadline():
            await self._waiters.linked()
            return existing(id_, await self._store.run(Read(id_, watch=self._waiters.channel, reach=caller.reach)))


def _list_call(asked: TaskQuery) -> List:
    cursor = None if asked.cursor is None else read_cursor(asked.cursor)
    return replace(filter_of(asked), count=asked.limit, cursor=cursor, state=asked.state)


def filter_of(asked: TaskFilter) -> List:
    """The filter as the store takes it."""
    return List(**{name: getattr(asked, name) for name in TaskFilter.model_fields})


def write_cursor(seq: int) -> str:
    """What stands for a place in the list. Callers give it back and never look inside."""
    return base64.urlsafe_b64encode(f"{_CURSOR}{seq}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> int:
    """The place that a cursor stands for. Raises CursorInvalid."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        digits = text.removeprefix(_CURSOR)
        if digits == text or not digits.isdecimal() or not 0 < int(digits) < _LARGEST:
            raise CursorInvalid(_wrong_cursor(cursor))
    except (binascii.Error, ValueError):
        raise CursorInvalid(_wrong_cursor(cursor)) from None
    return int(digits)


def _wrong_cursor(cursor: str) -> str:
    return f"cursor {cursor[:64]!r} is not one that this service gave out: take it from the page before, or leave it out"


def existing(id_: str, record: Known | None) -> Known:
    """The record, or what else is known of a task, if there is one. Raises TaskNotFound."""
    if record is None:
        raise TaskNotFound(f"no task has the id {id_}: it never existed, or its record has been kept for its time and is gone")
    return record


def _next(path: str, query: List, cursor: str) -> str:
    return f"{path}?{query.as_query(limit=query.count, cursor=cursor)}"
