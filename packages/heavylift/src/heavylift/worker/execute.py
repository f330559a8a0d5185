"""Runs a task, with Celery's tracer where Celery has a part in it, and decides how its attempt ended."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from celery import Celery
from celery.app.trace import build_tracer
from celery.exceptions import SoftTimeLimitExceeded

from heavylift.celery import again
from heavylift.celery.messages import tracer_call
from heavylift.celery.tasks import HandlerTask, Settled, settled
from heavylift.errors import ObjectsUnavailable, StoreRefused, StoreUnavailable, TaskTimeout, UnknownKind
from heavylift.outcome import Cancelled, Failed, Outcome, Succeeded
from heavylift.record import Delivery
from heavylift.state import FailureReason
from heavylift.worker import direct
from heavylift.worker.attempt import Attempt, parted
from heavylift.worker.claims import Claims
from heavylift.worker.direct import needs_tracer
from heavylift.worker.limits import NO_DEFAULTS, DefaultLimits, Limit, alarm, for_call, in_time, limit_of, thread_alarm
from heavylift.worker.outcomes import after_error, decide, describe, failed, final, written
from heavylift.worker.running import Run, Runs

Tracer = Callable[..., Any]
Watch = Callable[[Limit], AbstractContextManager[None]]


class Runner:
    """Runs deliveries in one process. Threads may share it."""

    def __init__(
        self,
        app: Celery,
        *,
        hostname: str,
        runs: Runs,
        default_limits: DefaultLimits = NO_DEFAULTS,
        claims: Claims | None = None,
    ) -> None:
        self._app = app
        self._claims = claims or Claims()
        self._runs = runs
        self._default_limits = default_limits
        self._hostname = hostname
        self._tracers: dict[str, Tracer] = {}
        self._limits: dict[str, Limit] = {}
        # The end of every attempt is a fact of our own vocabulary; the tracer's line about it would say the same again.
        logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)

    def run(self, delivery: Delivery) -> Attempt:
        """Run and decide. Never raises: whatever a task does is an outcome."""
        started = time.monotonic()
        try:
            outcome = self._claims.kept(delivery, self._outcome(self._claims.redeemed(delivery)))
        except BaseException as error:
            outcome = self._after(error, delivery)
        return Attempt(delivery, outcome, time.monotonic() - started)

    def run_in_main_thread(self, delivery: Delivery) -> Attempt:
        """The same, under the limit of its kind."""
        return self._run_under(alarm, delivery)

    def run_in_thread(self, delivery: Delivery) -> Attempt:
        """The same, under the limit of its kind as far as a thread can be held to it."""
        return self._run_under(thread_alarm, delivery)

    def limit(self, delivery: Delivery) -> Limit:
        """How long a task may run."""
        kind = delivery.kind
        if kind not in self._limits:
            self._limits[kind] = limit_of(self._app.tasks.get(kind), self._default_limits)
        return for_call(self._limits[kind], delivery.headers)

    def _run_under(self, watch: Watch, delivery: Delivery) -> Attempt:
        limit = self.limit(delivery)
        timeout = limit.in_company
        with Run(delivery, timeout, self._runs) as run:
            if run.lost:
                return Attempt(delivery, Cancelled(), 0.0, lost=True)
            attempt = self.run(delivery) if timeout is None else self._run_in_time(watch(limit), delivery)
        return parted(attempt, run) if run.spoke or run.cancelled else attempt

    def _run_in_time(self, watched: AbstractContextManager[None], delivery: Delivery) -> Attempt:
        started = time.monotonic()
        try:
            with watched:
                return self.run(delivery)
        except (TaskTimeout, SoftTimeLimitExceeded) as error:  # it rang in the moment between the end and our taking note
            return Attempt(delivery, failed(error), time.monotonic() - started)

    async def run_async(self, delivery: Delivery) -> Attempt:
        """The same on an event loop: an ``async def`` is awaited here, anything else runs in a thread."""
        task = self._app.tasks.get(delivery.kind)
        if not isinstance(task, HandlerTask) or not task.handler.is_async:
            return await asyncio.to_thread(self.run_in_thread, delivery)
        started, limit = time.monotonic(), self.limit(delivery)
        with Run(delivery, limit.in_company, self._runs) as run:
            if run.lost:
                return Attempt(delivery, Cancelled(), 0.0, lost=True)
            try:
                fetched = await self._claims.redeemed_async(delivery)
                outcome = await self._claims.kept_async(delivery, await self._outcome_async(task, fetched, limit))
            except BaseException as error:
                outcome = self._after(error, delivery)
        attempt = Attempt(delivery, outcome, time.monotonic() - started)
        return parted(attempt, run) if run.spoke or run.cancelled else attempt

    def _outcome(self, delivery: Delivery) -> Outcome:
        task = self._app.tasks.get(delivery.kind)
        if isinstance(task, HandlerTask) and not needs_tracer(delivery):
            return direct.run(task.handler, delivery)
        return self._trace(delivery)

    async def _outcome_async(self, task: HandlerTask, delivery: Delivery, limit: Limit) -> Outcome:
        if not needs_tracer(delivery):
            return await direct.run_async(task.handler, delivery, limit)
        # The tracer is not asynchronous: it gets what has happened already.
        with settled(await _settle(task, delivery, limit)):
            return self._trace(delivery)

    def _after(self, error: BaseException, delivery: Delivery) -> Outcome:
        """The outcome where something failed around the function."""
        match error:
            case UnknownKind():
                return Failed(describe(error), FailureReason.UNKNOWN_KIND)
            case ObjectsUnavailable() | StoreUnavailable() | StoreRefused():
                task = self._app.tasks.get(delivery.kind)
                return after_error(task.handler, delivery, error) if isinstance(task, HandlerTask) else failed(error)
        return final(error, self._home(delivery.kind))

    def _trace(self, delivery: Delivery) -> Outcome:
        trace = self._tracer(delivery.kind)
        call = tracer_call(delivery, hostname=self._hostname)
        with again.listening() as asked:
            returned, info, _, _ = trace(delivery.id, call.args, call.kwargs, call.request)
        if info is None:
            return asked.outcome(Succeeded(written(delivery, returned)))
        return asked.outcome(decide(info.state, info.retval, self._home(delivery.kind)))

    def _home(self, kind: str) -> str:
        """The module of the function that runs a kind."""
        task = self._app.tasks.get(kind)
        return task.handler.home if isinstance(task, HandlerTask) else getattr(task, "__module__", "")

    def _tracer(self, kind: str) -> Tracer:
        if kind not in self._tracers:
            task = self._app.tasks.get(kind)
            if task is None:
                raise UnknownKind(f"this worker does not know the kind {kind!r}; is its package installed here?")
            self._tracers[kind] = build_tracer(kind, task, self._app.loader, self._hostname, app=self._app)
        return self._tracers[kind]


async def _settle(task: HandlerTask, delivery: Delivery, limit: Limit) -> Settled:
    """Await the function of a handler, under its limit, for the tracer to find it done."""
    try:
        (payload,) = tracer_call(delivery, hostname="").args or (None,)
        return Settled(value=await in_time(task.handler.function(*task.handler.arguments(payload)), limit))
    except BaseException as error:
        return Settled(error=error)
