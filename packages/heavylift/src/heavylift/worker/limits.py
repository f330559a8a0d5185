"""How long a task may run, and what ends it.

A task that reaches its limit gets an exception raised inside it, so that it can tidy up and its retry policy decides. One that
has not ended ``PATIENCE`` seconds later (it sits in C code, or swallows the exception) is ended with its child by the guardian,
if that child runs nothing else: a thread or a coroutine can only be told. The retry policy of the task decides then, too.
"""

import asyncio
import ctypes
import json
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from celery.exceptions import SoftTimeLimitExceeded

from heavylift.celery.tasks import HandlerTask
from heavylift.context.awaited import giving_way
from heavylift.errors import TaskTimeout

PATIENCE: Final = 5.0  # seconds between the exception and the end of the child


@dataclass(frozen=True, slots=True)
class Limit:
    """``soft``: seconds until ``error(soft)`` is raised in the task. ``hard``: seconds until its child is ended. None: never."""

    soft: float | None
    hard: float | None
    error: Callable[[float], Exception]

    @property
    def in_company(self) -> float | None:
        """Seconds until the error is raised where the child runs other tasks, too, and so is not ended."""
        return self.soft if self.soft is not None else self.hard

    def raised(self) -> Exception:
        """The error that is raised in the task."""
        return self.error(self.in_company or 0.0)


@dataclass(frozen=True, slots=True)
class DefaultLimits:
    """Seconds that hold for a task which says nothing itself: Celery's ``task_soft_time_limit`` and ``task_time_limit``."""

    soft: float | None = None
    hard: float | None = None


NO_DEFAULTS: Final = DefaultLimits()


def limit_of(task: Any, defaults: DefaultLimits = NO_DEFAULTS) -> Limit:
    """The limit of a handler (``timeout``), or of a Celery task (``soft_time_limit`` and ``time_limit``). None has none."""
    if task is None:
        return Limit(None, None, _timeout)
    if isinstance(task, HandlerTask):
        timeout = task.handler.kind.timeout
        soft, hard = (defaults.soft, defaults.hard) if timeout is None else (timeout, timeout + PATIENCE)
        return Limit(soft, hard, _timeout)
    return Limit(_first(task.soft_time_limit, defaults.soft), _first(task.time_limit, defaults.hard), SoftTimeLimitExceeded)


def for_call(limit: Limit, headers: str) -> Limit:
    """The limit of one call: what ``apply_async(time_limit=…, soft_time_limit=…)`` asked for goes before that of its kind."""
    if '"timelimit"' not in headers:  # nearly always; reading all headers to find that out would cost more than the rest
        return limit
    hard, soft = json.loads(headers).get("request", {}).get("timelimit") or (None, None)
    return Limit(_first(soft, limit.soft), _first(hard, limit.hard), limit.error)


@contextmanager
def alarm(limit: Limit) -> Iterator[None]:
    """In the main thread of a process: raise in the body when it has taken too long."""
    if limit.soft is None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise limit.raised()

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
    if limit.in_company is None:
        yield
        return
    watch = _ThreadWatch(threading.get_ident(), limit)
    timer = threading.Timer(limit.in_company, watch.ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        watch.end()


async def in_time(awaitable: Awaitable[Any], limit: Limit) -> Any:
    """On an event loop: what is awaited, with the limit's error raised in it when it takes too long.

    When the task is to stop it gets a CancelledError.
    """
    if limit.in_company is None:
        return await giving_way(awaitable)
    try:
        async with asyncio.timeout(limit.in_company) as clock:
            return await giving_way(awaitable)
    except TimeoutError:
        if clock.expired():  # else it is the function's own
            raise limit.raised() from None
        raise


class _ThreadWatch:
    """Raises in a thread unless the body is over; the lock keeps a late alarm out of what the thread does next."""

    def __init__(self, thread: int, limit: Limit) -> None:
        self._thread = thread
        self._error = type(limit.raised())
        self._lock = threading.Lock()
        self._over = False

    def ring(self) -> None:
        with self._lock:
            if not self._over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(self._error))

    def end(self) -> None:
        with self._lock:
            self._over = True


def _timeout(seconds: float) -> TaskTimeout:
    return TaskTimeout(f"the task ran longer than its timeout of {seconds:g} s")


def _first(*seconds: float | None) -> float | None:
    return next((given for given in seconds if given is not None), None)
