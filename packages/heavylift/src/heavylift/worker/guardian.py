"""The main process of a worker. It never runs task code: it keeps children, leases and the store in order."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from celery import Celery

from heavylift.celery.app import Integration
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Event, Reporter, Subscriber
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.traces import Traces
from heavylift.telemetry.traces import configure as configure_traces
from heavylift.worker.child import SERVICE, Upbringing
from heavylift.worker.duties import Duties
from heavylift.worker.health import Health, examine
from heavylift.worker.nursery import Nursery
from heavylift.worker.reports import Reports
from heavylift.worker.seating import Seating
from heavylift.worker.slots import Running, Slots

STORE_TIMEOUT: Final = 3.0  # seconds; longer than a child's blocking read


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
        listeners: Sequence[Subscriber] = (),
        companions: Sequence[Companion] = (),
    ) -> None:
        self._app = app
        self._integration = integration
        self._settings = integration.worker
        self._seating = Seating.of(integration.worker, processes=concurrency)
        self.queues = queues
        self._hostname = hostname
        self._listeners = tuple(listeners)
        self._companions = tuple(companions)
        self._reporter = Reporter(Logs(), Traces(), *self._listeners)
        self._collapsed = False
        self._draining = False

    def start(self) -> None:
        """Fork the nursery, then begin the duties. To be called before the process has threads."""
        self._slots = Slots()
        self._reports = Reports()
        upbringing = self._make_upbringing()
        self._nursery = Nursery(upbringing.live)
        self._nursery.start()
        self._tracing = configure_traces(self._integration.telemetry, service=SERVICE, report=self._reporter.report)
        self._store = self._connect()
        self._duties = Duties.of(
            upbringing,
            seating=self._seating,
            queues=self.queues,
            nursery=self._nursery,
            store=self._store,
            reporter=self._reporter,
            hear=self._hear_child,
            on_collapse=self._collapse,
        )
        self._duties.start()
        for companion in self._companions:
            companion.start(self)

    def drain(self) -> None:
        """Stop claiming at once; let what runs finish. Safe in a signal handler."""
        self._draining = True
        self._duties.supervisor.drain()

    def stop(self, *, grace: float) -> None:
        """Drain, end what still runs after ``grace`` seconds, hand everything on, and end the duties."""
        self.drain()
        if not _within(grace, lambda: not self._duties.supervisor.living):
            self._duties.supervisor.kill()
        _within(STORE_TIMEOUT, lambda: self._duties.supervisor.finished)  # with Redis gone, the ends of the leases hand it on
        for companion in reversed(self._companions):
            companion.stop()
        self._duties.stop()
        self._nursery.close()
        self._reports.close()
        self._store.close()
        self._tracing.close()

    def health(self) -> Health:
        """Whether this worker takes tasks. Asks Redis."""
        return examine(
            collapsed=self._collapsed, draining=self._draining, living=self._duties.supervisor.living, ping=self._store.ping
        )

    @property
    def store(self) -> RedisStore:
        """The guardian's own connection to the store."""
        return self._store

    def consumers(self) -> list[str]:
        """The names under which the children claim."""
        return self._duties.supervisor.seats.consumers()

    def running(self) -> list[Running]:
        """What the children run at this moment."""
        rows = (self._slots.read(seat.slot) for seat in self._duties.supervisor.seats)
        return [row for row in rows if row is not None]

    def describe(self) -> dict[str, Any]:
        """For ``celery inspect stats``."""
        return {"children": self._duties.supervisor.living, "queues": list(self.queues), "running": len(self.running())}

    def _connect(self) -> RedisStore:
        return RedisStore.of(self._integration.store, timeout=STORE_TIMEOUT)

    def _make_upbringing(self) -> Upbringing:
        return Upbringing(
            app=self._app,
            hostname=self._hostname,
            slots=self._slots,
            reports=self._reports,
            settings=self._settings,
            telemetry=self._integration.telemetry,
            connect=self._connect,
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
        time.sleep(0.01)
    return True
