"""``/livez``, ``/readyz`` and ``/metrics`` of a worker."""

from collections.abc import Sequence

from heavylift.telemetry.metrics import Metrics
from heavylift.telemetry.probe_server import ProbeServer
from heavylift.worker.guardian import Guardian
from heavylift_worker.settings import ProbeSettings


class Probes:
    """A companion of the guardian: ``/readyz`` says why the worker does not take tasks."""

    def __init__(self, settings: ProbeSettings, metrics: Metrics) -> None:
        self._guardian: Guardian | None = None
        self._server = ProbeServer(
            settings.host, settings.port, metrics, faults=self._faults, variable="HEAVYLIFT_WORKER_HTTP_PORT"
        )

    def start(self, guardian: Guardian) -> None:
        """Begin to answer."""
        self._guardian = guardian
        self._server.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.stop()

    def _faults(self) -> Sequence[str]:
        assert self._guardian is not None  # noqa: S101  the server is started with a guardian
        return self._guardian.health().faults
