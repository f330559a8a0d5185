"""How long a task may run, and what ends it.

A task that reaches its limit gets an exception raised inside it, so that it can tidy up and its retry policy decides. One that
has not ended ``PATIENCE`` seconds later (it sits in C code, or swallows the exception) is ended with its child by the guardian,
if that child runs nothing else: a thread or a coroutine can only be told. The retry policy of the task decides then, too.
"""

import asyncio
import ctypes
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from celery.exceptions import SoftTimeLimitExceeded

from heavylift.celery.tasks import HandlerTask
from heavylift.errors import TaskTimeout

PATIENCE: Final = 5.0  # seconds between the exception and the end of the child

Raises = Callable[[], Exception]


@dataclass(frozen=True, slots=True)
class Limit:
    """``soft``: seconds until ``error`` is raised in the task. ``hard``: seconds until its child is ended. None: never."""

    soft: float | None
    hard: float | None
    error: Raises


NO_LIMIT: Final = Limit(None, None, TaskTimeout)


def limit_of(task: Any) -> Limit:
    """The limit of a handler (``timeout``), or of a Celery task (``soft_time_limit`` and ``time_limit``)."""
    if isinstance(task, HandlerTask):
        timeout = task.handler.kind.timeout
        return NO_LIMIT if timeout is None else Limit(timeout, timeout + PATIENCE, lambda: TaskTimeout(_sentence(timeout)))
    return Limit(task.soft_time_limit, task.time_limit, SoftTimeLimitExceeded)


@contextmanager
def alarm(limit: Limit) -> Iterator[None]:
    """In the main thread of a process: raise in the body when it has taken too long."""
    if limit.soft is None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise limit.error()

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit.soft)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def thread_alarm(limit: Limit) -> Iterator[None]:
    """In any thread: raise in the body when it has taken too long, as soon as it runs Python code again.

    A thread cannot be ended from outside, so there is no hard limit here.
    """
    if limit.soft is None:
        yield
        return
    watch = _ThreadWatch(threading.get_ident(), limit)
    timer = threading.Timer(limit.soft, watch.ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        watch.end()


async def in_time(awaitable: Awaitable[Any], limit: Limit) -> Any:
    """On an event loop: what is awaited, or the limit's error in it when it has taken too long."""
    try:
        async with asyncio.timeout(limit.soft) as clock:
            return await awaitable
    except TimeoutError:
        if clock.expired():  # else it is the function's own
            raise limit.error() from None
        raise


class _ThreadWatch:
    """Raises in a thread unless the body is over; the lock keeps a late alarm out of what the thread does next."""

    def __init__(self, thread: int, limit: Limit) -> None:
        self._thread = thread
        self._error = type(limit.error())
        self._lock = threading.Lock()
        self._over = False

    def ring(self) -> None:
        with self._lock:
            if not self._over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(self._error))

    def end(self) -> None:
        with self._lock:
            self._over = True


def _sentence(timeout: float) -> str:
    return f"the task ran longer than its timeout of {timeout:g} s"
