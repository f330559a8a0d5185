"""``heavylift worker``: read the settings and run a worker with its probes."""

import argparse
import sys
from collections.abc import Sequence

from heavylift.celery.app import Integration
from heavylift.errors import HeavyliftError
from heavylift.telemetry import logs
from heavylift.telemetry.metrics import Metrics
from heavylift.worker.run import run_worker
from heavylift_worker.probes import Probes
from heavylift_worker.settings import WorkerServiceSettings


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code; 2 with a sentence when the settings are wrong."""
    _parse(argv)
    try:
        settings = WorkerServiceSettings.load()
        logs.configure(settings.telemetry, service="heavylift-worker")
        metrics = Metrics()
        probes = Probes(settings.http, metrics)
        integration = Integration(settings.store, settings.telemetry, settings.worker)
        return run_worker(integration, listeners=[metrics], companions=[probes])
    except HeavyliftError as error:
        sys.stderr.write(f"heavylift worker: {error}\n")
        return 2


def _parse(argv: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(
        prog="heavylift worker",
        description="Take tasks from the store and run them. What can be set is in docs/configuration.md.",
    )
    parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
