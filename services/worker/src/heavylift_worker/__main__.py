"""``heavylift worker``: read the settings and run a worker with its probes."""

import sys

from heavylift.celery.app import Integration
from heavylift.errors import HeavyliftError
from heavylift.telemetry import logs
from heavylift.telemetry.metrics import Metrics
from heavylift.worker.run import run_worker
from heavylift_worker.probes import Probes
from heavylift_worker.settings import WorkerServiceSettings


def main() -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code; 2 with a sentence when the settings are wrong."""
    try:
        settings = WorkerServiceSettings.load()
        logs.configure(settings.telemetry, service="heavylift-worker")
        metrics = Metrics()
        probes = Probes(settings.http, metrics)
        integration = Integration(settings.store, settings.telemetry, settings.worker, settings.objects)
        return run_worker(integration, listeners=[metrics], companions=[probes])
    except HeavyliftError as error:
        sys.stderr.write(f"heavylift worker: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
