"""Under Celery's worker: the Pool whose children claim for themselves."""

import os
from dataclasses import replace
from typing import Any

from celery.concurrency.base import BasePool
from celery.signals import worker_shutting_down
from celery.worker import state

from heavylift.celery.failing import add_fail
from heavylift.celery.integration import integration_of
from heavylift.settings import WorkerSettings, queue_weights
from heavylift.worker import control as _control  # noqa: F401  importing it registers the commands, as Celery's own module does
from heavylift.worker.guardian import Guardian
from heavylift.worker.limits import DefaultLimits
from heavylift.worker.memory import resident
from heavylift.worker.refusal import Refusal, check_app, check_weight, in_one_sentence
from heavylift.worker.task_log import load_redact


class Pool(BasePool):
    """Starts, drains and stops the guardian when Celery's worker starts, is told to stop, and stops.

    The setting ``worker_pool``. Its companion is ``worker_consumer``; the one does nothing useful without the other.
    """

    signal_safe = False  # a stop waits for tasks, which a signal handler must not do

    def __init__(self, *args: Any, **options: Any) -> None:
        """Raises Refusal for an app with which this worker would have nothing to do, and for settings that nobody could keep."""
        super().__init__(*args, **options)
        with in_one_sentence():
            check_app(self.app)
            check_weight(self.guardian_settings, resident(os.getpid()))
            load_redact(self.guardian_settings.task_log_redact)
            self._queues = self._read_queues()

    def on_start(self) -> None:
        """Celery starts its pool before its consumer, and before it has threads."""
        self.guardian = self._make_guardian()
        self.guardian.start()
        worker_shutting_down.connect(self._on_shutting_down, weak=False)

    def on_stop(self) -> None:
        """Warm: running tasks finish within the grace. On SIGQUIT Celery calls this too, in the middle of whatever goes on."""
        cold = state.should_terminate is not None and state.should_terminate is not False
        self._stop(self._soft_grace if cold else self.guardian_settings.grace)

    def on_terminate(self) -> None:
        """Cold: running tasks go back to their queues."""
        self._stop(self._soft_grace)

    @property
    def _soft_grace(self) -> float:
        """What Celery leaves to running tasks in a cold shutdown: by default nothing."""
        return float(self.app.conf.worker_soft_shutdown_timeout)

    @property
    def guardian_settings(self) -> WorkerSettings:
        """The settings of this worker: ours, and where they say nothing those that Celery has for the same."""
        settings = integration_of(self.app).worker
        kibibytes, tasks = self.options.get("max_memory_per_child"), self.options.get("maxtasksperchild")
        return settings.model_copy(
            update={
                "max_tasks_per_child": settings.max_tasks_per_child or tasks or 0,
                "recycle_above": settings.recycle_above or (kibibytes or 0) // 1024,
            }
        )

    def _stop(self, grace: float) -> None:
        worker_shutting_down.disconnect(self._on_shutting_down)
        self.guardian.stop(grace=grace)

    def _on_shutting_down(self, **_: Any) -> None:
        self.guardian.drain()

    def _make_guardian(self) -> Guardian:
        equipment = dict(getattr(self.app, "guardian_equipment", {}))
        add_fail(self.app)
        return Guardian(
            self.app,
            replace(integration_of(self.app), worker=self.guardian_settings),
            concurrency=equipment.pop("processes", self.limit),
            queues=self._queues,
            hostname=self.options["initargs"][1],
            default_limits=DefaultLimits(self.options.get("soft_timeout"), self.options.get("timeout")),
            **equipment,
        )

    def _read_queues(self) -> dict[str, int]:
        """The queues of ``-Q`` or of the settings, with the weights that they have there or here."""
        known = self.guardian_settings.queue_weights
        words = [word if "=" in word else f"{word}={known.get(word, 1)}" for word in self.app.amqp.queues.consume_from]
        try:
            return queue_weights(words)
        except ValueError as error:
            raise Refusal(f"-Q: {error}") from error

    def _get_info(self) -> dict[str, Any]:
        timeouts = [self.options.get("soft_timeout") or 0, self.options.get("timeout") or 0]
        return {**super()._get_info(), "timeouts": timeouts, **self.guardian.census.describe()}
