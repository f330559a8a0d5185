"""Under Celery's worker: the Pool whose children claim for themselves."""

from typing import Any

from celery.concurrency.base import BasePool
from celery.signals import worker_shutting_down

from heavylift.celery.app import Integration
from heavylift.errors import ConfigurationInvalid
from heavylift.settings import StoreSettings, TelemetrySettings, WorkerSettings, queue_weights
from heavylift.worker import control as _control  # noqa: F401  importing it registers the commands, as Celery's own module does
from heavylift.worker.guardian import Guardian


class Pool(BasePool):
    """Starts, drains and stops the guardian when Celery's worker starts, is told to stop, and stops.

    The setting ``worker_pool``. Its companion is ``worker_consumer``; the one does nothing useful without the other.
    """

    signal_safe = False  # a stop waits for tasks, which a signal handler must not do

    def on_start(self) -> None:
        """Celery starts its pool before its consumer, and before it has threads."""
        self.guardian = self._make_guardian()
        self.guardian.start()
        worker_shutting_down.connect(self._on_shutting_down, weak=False)

    def on_stop(self) -> None:
        """Warm: running tasks finish within the grace."""
        self._stop(self.guardian_settings.grace)

    def on_terminate(self) -> None:
        """Cold: running tasks go back to their queues."""
        self._stop(0.0)

    def on_apply(self, *args: Any, **kwargs: Any) -> None:
        """Children claim for themselves; nothing is ever handed to this pool."""
        raise NotImplementedError("with heavylift.worker.pool:Pool set worker_consumer to 'heavylift.worker.consumer:Consumer'")

    @property
    def guardian_settings(self) -> WorkerSettings:
        """The settings of this worker."""
        return self._integration().worker

    def _stop(self, grace: float) -> None:
        worker_shutting_down.disconnect(self._on_shutting_down)
        self.guardian.stop(grace=grace)

    def _on_shutting_down(self, **_: Any) -> None:
        self.guardian.drain()

    def _make_guardian(self) -> Guardian:
        equipment = dict(getattr(self.app, "guardian_equipment", {}))
        return Guardian(
            self.app,
            self._integration(),
            concurrency=equipment.pop("processes", self.limit),
            queues=self._queues(),
            hostname=self.options["initargs"][1],
            **equipment,
        )

    def _queues(self) -> dict[str, int]:
        """The queues of ``-Q`` or of the settings, with the weights that they have there or here."""
        known = self.guardian_settings.queue_weights
        words = [word if "=" in word else f"{word}={known.get(word, 1)}" for word in self.app.amqp.queues.consume_from]
        try:
            return queue_weights(words)
        except ValueError as error:
            raise ConfigurationInvalid(f"-Q: {error}") from error

    def _integration(self) -> Integration:
        integration: Integration | None = getattr(self.app, "heavylift", None)
        if integration is None:
            integration = Integration(StoreSettings.load(), TelemetrySettings.load(), WorkerSettings.load())
            self.app.heavylift = integration
        return integration

    def _get_info(self) -> dict[str, Any]:
        return {**super()._get_info(), **self.guardian.describe()}
