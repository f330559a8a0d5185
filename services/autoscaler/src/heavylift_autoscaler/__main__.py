"""``heavylift autoscaler``: read the settings and keep the pools at their sizes."""

import signal
import socket
import sys
import uuid

from heavylift.errors import ConfigurationInvalid, HeavyliftError
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter, logs
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.metrics import Metrics
from heavylift.telemetry.probe_server import ProbeServer
from heavylift_autoscaler.advice import advice
from heavylift_autoscaler.cluster.api import Api
from heavylift_autoscaler.cluster.election import Election
from heavylift_autoscaler.controller import Controller
from heavylift_autoscaler.settings import AutoscalerServiceSettings, AutoscalerSettings
from heavylift_autoscaler.store_side import StoreSide


def main() -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code; 2 with a sentence when the settings are wrong."""
    try:
        settings = AutoscalerServiceSettings.load()
        logs.configure(settings.telemetry, service="heavylift-autoscaler")
        if not settings.autoscaler.pools:
            raise ConfigurationInvalid("there is no pool to scale: name one with HEAVYLIFT_AUTOSCALER_POOLS")
        _run(settings)
    except HeavyliftError as error:
        sys.stderr.write(f"heavylift autoscaler: {error}\n")
        return 2
    return 0


def _run(settings: AutoscalerServiceSettings) -> None:
    metrics = Metrics()
    reporter = Reporter(Logs(), metrics)
    with RedisStore.of(settings.store, timeout=1.0) as store:  # a second without an answer is a round without one
        controller = _controller(settings.autoscaler, store, reporter)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: controller.stop())
        http = settings.http
        probes = ProbeServer(http.host, http.port, metrics, faults=controller.faults, variable="HEAVYLIFT_AUTOSCALER_HTTP_PORT")
        probes.start()
        try:
            with advice(settings):
                controller.run()
        finally:
            probes.stop()


def _controller(settings: AutoscalerSettings, store: RedisStore, reporter: Reporter) -> Controller:
    api = Api.of(settings, reporter)
    identity = settings.identity or f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
    election = Election(api, reporter, name=settings.lease, identity=identity, duration=settings.lease_duration)
    return Controller(settings, api, election, StoreSide(store, reporter), reporter)


if __name__ == "__main__":
    sys.exit(main())
