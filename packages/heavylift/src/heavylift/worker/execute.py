"""Runs a task with Celery's tracer and decides how its attempt ended."""

import asyncio
import json
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from celery import Celery, states
from celery.app.trace import build_tracer
from celery.exceptions import Reject, SoftTimeLimitExceeded
from kombu.utils.json import dumps

from heavylift.celery.messages import tracer_call
from heavylift.celery.tasks import HandlerTask, Settled, settled
from heavylift.errors import HeavyliftError, ResultInvalid, TaskTimeout, UnknownKind
from heavylift.outcome import Failed, Failure, Outcome, Retry, Succeeded
from heavylift.record import Delivery, Form
from heavylift.retry import is_retryable
from heavylift.worker.attempt import Attempt
from heavylift.worker.limits import NO_LIMIT, Limit, alarm, limit_of, thread_alarm

Tracer = Callable[..., Any]
Watch = Callable[[Limit], AbstractContextManager[None]]

LONGEST_MESSAGE: Final = 2_000  # characters; an error that quotes its whole input helps nobody


class Runner:
    """Runs deliveries in one process. Threads may share it."""

    def __init__(self, app: Celery, *, hostname: str) -> None:
        self._app = app
        self._hostname = hostname
        self._tracers: dict[str, Tracer] = {}
        self._limits: dict[str, Limit] = {}
        # The end of every attempt is a fact of our own vocabulary; the tracer's line about it would say the same again.
        logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)

    def run(self, delivery: Delivery) -> Attempt:
        """Run and decide. Never raises: whatever a task does is an outcome."""
        started = time.monotonic()
        try:
            outcome = self._trace(delivery)
        except BaseException as error:
            outcome = Failed(describe(error))
        return Attempt(delivery, outcome, time.monotonic() - started)

    def run_in_main_thread(self, delivery: Delivery) -> Attempt:
        """The same, under the limit of its kind."""
        return self._run_under(alarm, delivery)

    def run_in_thread(self, delivery: Delivery) -> Attempt:
        """The same, under the limit of its kind as far as a thread can be held to it."""
        return self._run_under(thread_alarm, delivery)

    def limit(self, kind: str) -> Limit:
        """How long a task of this kind may run."""
        if kind not in self._limits:
            task = self._app.tasks.get(kind)
            self._limits[kind] = NO_LIMIT if task is None else limit_of(task)
        return self._limits[kind]

    def _run_under(self, watch: Watch, delivery: Delivery) -> Attempt:
        started = time.monotonic()
        try:
            with watch(self.limit(delivery.kind)):
                return self.run(delivery)
        except (TaskTimeout, SoftTimeLimitExceeded) as error:  # it rang in the moment between the end and our taking note
            return Attempt(delivery, Failed(describe(error)), time.monotonic() - started)

    async def run_async(self, delivery: Delivery) -> Attempt:
        """The same on an event loop: an ``async def`` is awaited here, anything else runs in a thread."""
        task = self._app.tasks.get(delivery.kind)
        if not isinstance(task, HandlerTask) or not task.handler.is_async:
            return await asyncio.to_thread(self.run_in_thread, delivery)
        started = time.monotonic()
        what = await _settle(task, delivery, self.limit(delivery.kind))
        with settled(what):  # the tracer is not asynchronous: it gets what has happened already
            outcome = self.run(delivery).outcome
        return Attempt(delivery, outcome, time.monotonic() - started)

    def _trace(self, delivery: Delivery) -> Outcome:
        trace = self._tracer(delivery.kind)
        call = tracer_call(delivery, hostname=self._hostname)
        returned, info, _, _ = trace(delivery.id, call.args, call.kwargs, call.request)
        if info is None:
            return Succeeded(_written(delivery, returned))
        return decide(info.state, info.retval)

    def _tracer(self, kind: str) -> Tracer:
        if kind not in self._tracers:
            task = self._app.tasks.get(kind)
            if task is None:
                raise UnknownKind(f"this worker does not know the kind {kind!r}; is its package installed here?")
            self._tracers[kind] = build_tracer(kind, task, self._app.loader, self._hostname, app=self._app)
        return self._tracers[kind]


async def _settle(task: HandlerTask, delivery: Delivery, limit: Limit) -> Settled:
    """Await the function of a handler, under its limit."""
    try:
        (payload,) = tracer_call(delivery, hostname="").args or (None,)
        function = task.handler.function(*task.handler.arguments(payload))
        return Settled(value=await _in_time(function, limit))
    except BaseException as error:
        return Settled(error=error)


async def _in_time(awaitable: Awaitable[Any], limit: Limit) -> Any:
    try:
        async with asyncio.timeout(limit.soft) as clock:
            return await awaitable
    except TimeoutError:
        if clock.expired():  # else it is the function's own
            raise limit.error() from None
        raise


def decide(state: str, error: Any) -> Outcome:
    """The outcome of an attempt that did not simply return, from Celery's state and exception."""
    match state:
        case states.RETRY:
            return Retry(_pause(error.when), describe(error.exc or error))
        case states.IGNORED:
            return Succeeded("null")
        case states.REJECTED if isinstance(error, Reject) and error.requeue:
            return Retry(0.0, describe(error))
        case _:
            return Failed(describe(error))


def describe(error: BaseException) -> Failure:
    """What a person and a program need to know of an exception."""
    return Failure(
        type=type(error).__name__,
        message=(str(error) or type(error).__name__)[:LONGEST_MESSAGE],
        retryable=is_retryable(error),
        traceback=None if _speaks_for_itself(error) else "".join(traceback.format_exception(error)),
    )


def _speaks_for_itself(error: BaseException) -> bool:
    return isinstance(error, HeavyliftError) and error.__traceback__ is None


def _written(delivery: Delivery, value: Any) -> str:
    try:
        if delivery.form is Form.PAYLOAD:
            return json.dumps(value, allow_nan=False, separators=(",", ":"))
        return str(dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ResultInvalid(
            f"{delivery.kind} returned {type(value).__name__}, which cannot be written as JSON: {error}"
        ) from error


def _pause(when: Any) -> float:
    """Seconds until the next attempt, from what Celery's Retry carries: seconds, a time, or nothing."""
    if isinstance(when, datetime):
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (aware - datetime.now(UTC)).total_seconds())
    return max(0.0, float(when or 0.0))
