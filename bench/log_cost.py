"""What it costs a handler that its lines are kept: ``python -m bench.log_cost``. Ten thousand lines, with and without."""

import logging
import time

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Submission
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Reporter
from heavylift.worker import task_log
from heavylift.worker.running import Run, Runs
from heavylift.worker.scribe import Scribe

LINES = 10_000
ROUNDS = 5

logger = logging.getLogger("app")


def main() -> None:
    """Measure by turns, and print the best of each, in microseconds a line."""
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger().addHandler(logging.NullHandler())
    with EmbeddedRedis() as server, RedisStore.from_url(server.url) as store:
        costs: dict[str, list[float]] = {"off": [], "info": []}
        for _ in range(ROUNDS):
            for level, measured in costs.items():
                task_log.install(level)
                measured.append(_seconds(store) / LINES * 1e6)
    for level, measured in costs.items():
        print(f"{level}: {min(measured):.1f} µs a line ({max(measured):.1f} at most)")


def _seconds(store: RedisStore) -> float:
    store.run(calls.Submit((Submission(kind="demo.work", payload="{}"),)))
    store.run(calls.Register("bench", ("default",), 60.0, {}))
    (delivery,) = store.run(calls.Claim.of("bench", ("default",), 1))
    with Run(delivery, None, Runs(Scribe(store, Reporter()))) as run:
        begun = time.perf_counter()
        for number in range(LINES):
            logger.info("line %d of %d", number, LINES, extra={"customer": number})
        seconds = time.perf_counter() - begun
    store.run(calls.Remember(run.last_words() or (calls.Memo.progress(delivery.id, delivery.fence, 1),)))
    return seconds


if __name__ == "__main__":
    main()
