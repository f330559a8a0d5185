"""``heavylift scheduler``: read the settings and fire schedules at their times."""

import signal
import sys

from heavylift.errors import HeavyliftError
from heavylift.record import Durability
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter, logs, traces
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.metrics import Metrics
from heavylift.telemetry.probe_server import ProbeServer
from heavylift_scheduler.scheduler import Scheduler
from heavylift_scheduler.settings import SchedulerServiceSettings

SERVICE = "heavylift-scheduler"
TIMEOUT = 2.0  #: Seconds for an answer of Redis.


def main() -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code; 2 with a sentence when the settings are wrong."""
    try:
        settings = SchedulerServiceSettings.load()
        logs.configure(settings.telemetry, service=SERVICE)
        tracing = traces.configure(settings.telemetry, service=SERVICE)
        try:
            _run(settings)
        finally:
            tracing.close()
    except HeavyliftError as error:
        sys.stderr.write(f"heavylift scheduler: {error}\n")
        return 2
    return 0


def _run(settings: SchedulerServiceSettings) -> None:
    metrics = Metrics()
    reporter = Reporter(Logs(), metrics)
    with RedisStore.of(settings.store, timeout=TIMEOUT) as store:
        scheduler = Scheduler(store, reporter, durability=Durability(settings.store.durability))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: scheduler.stop())
        http = settings.http
        probes = ProbeServer(http.host, http.port, metrics, faults=scheduler.faults, variable="HEAVYLIFT_SCHEDULER_HTTP_PORT")
        probes.start()
        try:
            scheduler.run()
        finally:
            probes.stop()


if __name__ == "__main__":
    sys.exit(main())
