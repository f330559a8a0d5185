"""The main process of a worker. It never runs task code: it keeps children, leases and the store in order."""

import gc
import math
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from celery import Celery

from heavylift.celery.app import Integration
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Event, Reporter, Subscriber
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.traces import Traces
from heavylift.telemetry.traces import configure as configure_traces
from heavylift.worker.census import Census
from heavylift.worker.child import SERVICE, Upbringing
from heavylift.worker.duties import Duties
from heavylift.worker.health import Health, examine
from heavylift.worker.limits import NO_DEFAULTS, DefaultLimits
from heavylift.worker.nursery import Nursery
from heavylift.worker.orders import Switchboard
from heavylift.worker.reports import Reports
from heavylift.worker.run_totals import RunTotals
from heavylift.worker.seating import Seating
from heavylift.worker.slots import Slots
from heavylift.worker.staff import Staff
from heavylift.worker.tally import tally
from heavylift.worker.task_events import TaskEvents
from heavylift.worker.task_log import load_redact

STORE_TIMEOUT: Final = 3.0  # seconds; longer than a child's blocking read
PROMPT: Final = 0.3  # seconds in which an order to end the children is carried out, unless Redis is silent
LAST_WORDS: Final = 1.5  # seconds to hand on what the children held; after that the ends of their leases do it
GLANCE: Final = 0.01  # seconds between two looks at whether the children have gone


class Companion(Protocol):
    """Something that runs beside the duties and stops after them, such as the server of the probes."""

    def start(self, guardian: "Guardian") -> None: ...
    def stop(self) -> None: ...


class Guardian:
    """Starts the duties in their order and ends them in the reverse.

    ``queues`` has their weights; ``listeners`` hear every fact of this worker, those that children report included.
    """

    def __init__(
        self,
        app: Celery,
        integration: Integration,
        *,
        concurrency: int,
        queues: Mapping[str, int],
        hostname: str,
        default_limits: DefaultLimits = NO_DEFAULTS,
        listeners: Sequence[Subscriber] = (),
        companions: Sequence[Companion] = (),
    ) -> None:
        self._app = app
        self._integration = integration
        self._settings = integration.worker
        self._seating = Seating.of(integration.worker, processes=concurrency)
        self._queues = queues
        self._hostname = hostname
        self._default_limits = default_limits
        self._reports = Reports()
        self.events = TaskEvents(app, hostname=hostname, want_detail=self._reports.set_detail)
        self._run_totals = RunTotals.of(app)
        self._listeners: tuple[Subscriber, ...] = (*listeners, tally, self._run_totals.hear, self.events)
        self._companions = tuple(companions)
        self._reporter = Reporter(Logs(), Traces(), *self._listeners)
        self._collapsed = False
        self._draining_since: float | None = None
        self._stopping = False
        self._grace_ends = math.inf

    def start(self) -> None:
        """Fork the nursery, then begin the duties. To be called before the process has threads."""
        self._slots = Slots()
        self._switchboard = Switchboard()
        upbringing = self._make_upbringing()
        self._nursery = Nursery(upbringing.live)
        gc.collect()
        gc.freeze()  # what was imported is shared by all children, as long as no collector writes to it
        self._nursery.start()
        self._tracing = configure_traces(self._integration.telemetry, service=SERVICE, report=self._reporter.report)
        self._store = self._connect()
        self._duties = Duties.of(
            upbringing,
            seating=self._seating,
            queues=self._queues,
            nursery=self._nursery,
            store=self._store,
            reporter=self._reporter,
            hear=self._hear_child,
            send_events=self.events.send,
            run_totals=self._run_totals,
            on_collapse=self._collapse,
        )
        self._duties.start()
        for companion in self._companions:
            companion.start(self)

    def drain(self) -> None:
        """Stop claiming at once; let what runs finish. Safe in a signal handler."""
        self._draining_since = self._draining_since or time.monotonic()
        self._duties.supervisor.drain()

    def stop(self, *, grace: float) -> None:
        """Drain, end what still runs ``grace`` seconds after that began, hand everything on, and end the duties.

        A Redis that is silent holds it up by two seconds or so. Called again meanwhile, as a signal handler does that interrupts
        the first call, it only makes the grace end sooner.
        """
        self.drain()
        self._grace_ends = min(self._grace_ends, (self._draining_since or 0.0) + grace)
        if self._stopping:
            return
        self._stopping = True
        self._let_children_go()
        self._end_duties()

    def _let_children_go(self) -> None:
        supervisor = self._duties.supervisor
        while supervisor.living and time.monotonic() < self._grace_ends:
            time.sleep(GLANCE)
        if supervisor.living:
            self._end_children()
        _within(LAST_WORDS, lambda: supervisor.finished)

    def _end_children(self) -> None:
        supervisor = self._duties.supervisor
        supervisor.kill()
        if not _within(PROMPT, lambda: not supervisor.living):
            self._store.interrupt()  # who passes the order on may be waiting for an answer
            _within(PROMPT, lambda: not supervisor.living)

    def _end_duties(self) -> None:
        for companion in reversed(self._companions):
            companion.stop()
        if not self._duties.supervisor.finished:
            self._store.give_up()
        self._duties.stop(within=LAST_WORDS)
        self._store.give_up()
        self._nursery.close()
        self._reports.close()
        self._switchboard.close()
        self.events.close()
        self._store.close()
        self._tracing.close()

    def health(self) -> Health:
        """Whether this worker takes tasks. Asks Redis."""
        return examine(
            collapsed=self._collapsed,
            draining=self._draining_since is not None,
            living=self._duties.supervisor.living,
            ping=self._store.ping,
        )

    @property
    def store(self) -> RedisStore:
        """The guardian's own connection to the store."""
        return self._store

    @property
    def queues(self) -> Mapping[str, int]:
        """The queues from which the children take tasks, with their weights."""
        return self._duties.supervisor.queues

    @property
    def census(self) -> Census:
        """What the children are and do at this moment."""
        return Census(self._duties.supervisor.seats, self._slots, self._settings)

    @property
    def staff(self) -> Staff:
        """To change how many children there are and what they serve."""
        return Staff(self._duties.supervisor)

    def _connect(self) -> RedisStore:
        return RedisStore.of(self._integration.store, timeout=STORE_TIMEOUT)

    def _make_upbringing(self) -> Upbringing:
        return Upbringing(
            app=self._app,
            hostname=self._hostname,
            slots=self._slots,
            reports=self._reports,
            switchboard=self._switchboard,
            settings=self._settings,
            objects=self._integration.objects,
            default_limits=self._default_limits,
            telemetry=self._integration.telemetry,
            connect=self._connect,
            redact=load_redact(self._settings.task_log_redact),
        )

    def _hear_child(self, event: Event) -> None:
        for listener in self._listeners:  # the child has written its own log line
            listener(event)

    def _collapse(self) -> None:
        if not self._collapsed:
            self._collapsed = True
            os.kill(os.getpid(), signal.SIGTERM)


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(GLANCE)
    return True
