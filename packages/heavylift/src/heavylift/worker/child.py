"""What runs in a forked child: the making of one of its kind, its work, and its last words."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

from heavylift.record import Executor
from heavylift.settings import ObjectSettings, TelemetrySettings, WorkerSettings
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.traces import Traces
from heavylift.telemetry.traces import configure as configure_traces
from heavylift.worker import task_log
from heavylift.worker.claims import Claims
from heavylift.worker.concurrent_child import ConcurrentChild, Crew
from heavylift.worker.crews import LoopCrew, ThreadCrew
from heavylift.worker.desk import Desk
from heavylift.worker.digest import Digest
from heavylift.worker.ear import Ear
from heavylift.worker.execute import Runner
from heavylift.worker.limits import DefaultLimits
from heavylift.worker.orders import Switchboard
from heavylift.worker.place import Place
from heavylift.worker.portions import Portions
from heavylift.worker.reports import Reports
from heavylift.worker.run_log import LogRules, Redact
from heavylift.worker.running import Runs
from heavylift.worker.scribe import Scribe
from heavylift.worker.serial_child import SerialChild
from heavylift.worker.slots import Slots
from heavylift.worker.turns import Turns

SERVICE: Final = "heavylift-worker"


@dataclass(frozen=True, slots=True)
class Upbringing:
    """All that children share; it is there before the first of them is forked."""

    app: Celery
    hostname: str
    slots: Slots
    reports: Reports
    switchboard: Switchboard
    settings: WorkerSettings
    objects: ObjectSettings
    default_limits: DefaultLimits
    telemetry: TelemetrySettings
    connect: Callable[[], RedisStore]
    redact: Redact | None

    def live(self, errand: str) -> None:
        """A child's whole life, in its own process; ``errand`` is its place."""
        digest = Digest(self.reports)
        tracing = configure_traces(self.telemetry, service=SERVICE, report=digest)
        reporter = Reporter(Logs(), Traces(), digest)
        worker_process_init.send(sender=None)
        try:
            self._make(Place.from_json(errand), reporter, digest).work()
        finally:
            worker_process_shutdown.send(sender=None, pid=os.getpid(), exitcode=0)
            tracing.close()
            digest.send()

    def _make(self, place: Place, reporter: Reporter, digest: Digest) -> SerialChild | ConcurrentChild:
        store = self.connect()
        rules = LogRules(store.limits.log_lines, store.limits.log_bytes, self.redact)
        scribe = Scribe(store, reporter, after_turn=digest.send)
        runs = Runs(scribe, on_lost=lambda: self.slots.lose(place.slot), log_rules=rules)
        task_log.install(self.settings.task_log_level)
        claims = Claims.of(self.objects, store, reporter)
        runner = Runner(self.app, hostname=self.hostname, runs=runs, default_limits=self.default_limits, claims=claims)
        portions = Portions(self._turns(place), in_time=place.executor is Executor.PROCESS)
        desk = Desk(place, portions, store, reporter, lease=self.settings.lease, after_turn=digest.send, on_lost=runs.lose)
        Ear(self.switchboard, place.consumer, runs=runs, desk=desk).open()
        last_task = self.settings.max_tasks_per_child or None
        match place.executor:
            case Executor.PROCESS:
                return SerialChild(
                    place,
                    runner=runner,
                    desk=desk,
                    slots=self.slots,
                    reporter=reporter,
                    claim_size=self.settings.claim_size,
                    last_task=last_task,
                )
            case Executor.THREADS:
                places = self.settings.threads
                crew: Crew = ThreadCrew(runner, reporter, places=places)
            case Executor.ASYNCIO:
                places = self.settings.coroutines
                crew = LoopCrew(runner, reporter)
        return ConcurrentChild(place, crew=crew, desk=desk, slots=self.slots, places=places, last_task=last_task)

    def _turns(self, place: Place) -> Turns:
        return Turns(
            place.queues,
            place.executors,
            strict_queues=self.settings.queue_order == "strict",
            strict_priorities=self.settings.priority_order == "strict",
        )
