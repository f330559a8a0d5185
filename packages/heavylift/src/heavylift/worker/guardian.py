"""The main process of a worker. It never runs task code: it keeps children, leases and the store in order."""

import os
import signal
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from heavylift.celery.app import Integration
from heavylift.celery.tasks import kinds_of
from heavylift.record import Executor
from heavylift.store.calls import Limits
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Event, Reporter, Subscriber
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.traces import Traces
from heavylift.telemetry.traces import configure as configure_traces
from heavylift.worker.concurrent_child import ConcurrentChild, Crew
from heavylift.worker.crews import LoopCrew, ThreadCrew
from heavylift.worker.desk import Desk, Place
from heavylift.worker.execute import Runner
from heavylift.worker.leases import LeaseKeeper
from heavylift.worker.loop import Loop
from heavylift.worker.nursery import Nursery
from heavylift.worker.reports import Reports
from heavylift.worker.seating import Seating
from heavylift.worker.serial_child import SerialChild
from heavylift.worker.slots import Running, Slots
from heavylift.worker.supervisor import Supervisor
from heavylift.worker.upkeep import Upkeep

SERVICE: Final = "heavylift-worker"
STORE_TIMEOUT: Final = 5.0  # seconds; longer than a child's blocking read


class Companion(Protocol):
    """Something that runs beside the duties and stops after them, such as the server of the probes."""

    def start(self, guardian: "Guardian") -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a worker takes tasks; ``faults`` says in sentences why not."""

    faults: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


class Guardian:
    """Starts the duties in their order and ends them in the reverse.

    ``listeners`` hear every fact of this worker, those that children report included.
    """

    def __init__(
        self,
        app: Celery,
        integration: Integration,
        *,
        concurrency: int,
        queues: tuple[str, ...],
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
        self._born = 0
        self._incarnation = uuid.uuid4().hex[:8]
        self._collapsed = False
        self._draining = False

    def start(self) -> None:
        """Fork the nursery, then begin the duties. To be called before the process has threads."""
        self._slots = Slots(len(self._seating))
        self._reports = Reports()
        self._nursery = Nursery(self._be_child)
        self._nursery.start()
        self._tracing = configure_traces(self._integration.telemetry, service=SERVICE, report=self._reporter.report)
        self._store = self._connect()
        self._supervisor = self._make_supervisor()
        self._upkeep = self._make_upkeep()
        self._loops = self._make_loops()
        for loop in self._loops:
            loop.start()
        for companion in self._companions:
            companion.start(self)

    def drain(self) -> None:
        """Stop claiming at once; let what runs finish. Safe in a signal handler."""
        self._draining = True
        self._supervisor.drain()

    def stop(self, *, grace: float) -> None:
        """Drain, end what still runs after ``grace`` seconds, hand everything on, and end the duties."""
        self.drain()
        if not _within(grace, lambda: not self._supervisor.living):
            self._supervisor.kill()
        _within(STORE_TIMEOUT, lambda: self._supervisor.finished)  # with Redis gone, the ends of the leases hand it on
        for companion in reversed(self._companions):
            companion.stop()
        for loop in reversed(self._loops):
            loop.stop()
        self._nursery.close()
        self._reports.close()
        self._store.close()
        self._tracing.close()

    def health(self) -> Health:
        """Whether this worker takes tasks. Asks Redis."""
        faults = []
        if self._collapsed:
            faults.append("the process that forks children died; this worker must be restarted")
        if self._draining:
            faults.append("the worker is stopping and takes no more tasks")
        elif not self._supervisor.living:
            faults.append("no child process is running yet")
        try:
            self._store.ping()
        except Exception as error:
            faults.append(str(error))
        return Health(tuple(faults))

    @property
    def store(self) -> RedisStore:
        """The guardian's own connection to the store."""
        return self._store

    def consumers(self) -> list[str]:
        """The names under which the children claim."""
        return self._supervisor.consumers()

    def running(self) -> list[Running]:
        """What the children run at this moment."""
        rows = (self._slots.read(slot) for slot in range(len(self._seating)))
        return [row for row in rows if row is not None]

    def describe(self) -> dict[str, Any]:
        """For ``celery inspect stats``."""
        return {"children": self._supervisor.living, "queues": list(self.queues), "running": len(self.running())}

    def _connect(self) -> RedisStore:
        store = self._integration.store
        return RedisStore.from_url(
            store.url.get_secret_value(),
            timeout=STORE_TIMEOUT,
            namespace=store.namespace,
            limits=Limits(store.retention, store.index_limit),
        )

    def _make_supervisor(self) -> Supervisor:
        return Supervisor(
            nursery=self._nursery,
            slots=self._slots,
            store=self._store,
            reporter=self._reporter,
            queues=self.queues,
            seating=self._seating,
            lease=self._settings.lease,
            max_deliveries=self._settings.max_deliveries,
            name=self._name_consumer,
            on_collapse=self._collapse,
        )

    def _make_upkeep(self) -> Upkeep:
        return Upkeep(
            self._store,
            self._reporter,
            kinds=kinds_of(self._app),
            lease=self._settings.lease,
            max_deliveries=self._settings.max_deliveries,
        )

    def _make_loops(self) -> list[Loop]:
        keeper = LeaseKeeper(self._store, self._supervisor.consumers, lease=self._settings.lease)
        duties = {
            "reports": self._hear_children,
            "publish": self._upkeep.publish,
            "promote": self._upkeep.promote,
            "reap": self._upkeep.reap,
            "leases": keeper.renew,
            "supervisor": self._supervisor.attend,
        }
        return [Loop(name, body, self._reporter) for name, body in duties.items()]

    def _hear_children(self) -> float:
        self._reports.receive(self._hear_child, within=0.5)
        return 0.0

    def _hear_child(self, event: Event) -> None:
        for listener in self._listeners:  # the child has written its own log line
            listener(event)

    def _name_consumer(self, slot: int) -> str:
        self._born += 1
        return f"{self._hostname}/{self._incarnation}/{slot}.{self._born}"

    def _collapse(self) -> None:
        if not self._collapsed:
            self._collapsed = True
            os.kill(os.getpid(), signal.SIGTERM)

    def _be_child(self, slot: int, consumer: str) -> None:
        """What runs in a forked child."""
        tracing = configure_traces(self._integration.telemetry, service=SERVICE, report=self._reports.gather)
        reporter = Reporter(Logs(), Traces(), self._reports.gather)
        worker_process_init.send(sender=None)
        try:
            self._make_child(slot, consumer, reporter).work()
        finally:
            worker_process_shutdown.send(sender=None, pid=os.getpid(), exitcode=0)
            tracing.close()
            self._reports.send()

    def _make_child(self, slot: int, consumer: str, reporter: Reporter) -> SerialChild | ConcurrentChild:
        executor = self._seating[slot]
        place = Place(slot, consumer, self.queues, self._seating.lines_of(executor))
        runner = Runner(self._app, hostname=self._hostname)
        desk = Desk(place, self._connect(), reporter, lease=self._settings.lease, after_turn=self._reports.send)
        last_task = self._settings.max_tasks_per_child or None
        match executor:
            case Executor.PROCESS:
                return SerialChild(place, runner=runner, desk=desk, slots=self._slots, reporter=reporter, last_task=last_task)
            case Executor.THREADS:
                places = self._settings.threads
                crew: Crew = ThreadCrew(runner, reporter, places=places)
            case Executor.ASYNCIO:
                places = self._settings.coroutines
                crew = LoopCrew(runner, reporter)
        return ConcurrentChild(crew=crew, desk=desk, places=places, last_task=last_task)


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True
