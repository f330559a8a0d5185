"""Prints, as JSON, what the journal and the store's counters say: ``python -m tests.e2e.witness JOURNAL``."""

import json
import sys
from dataclasses import asdict

from heavylift.settings import StoreSettings
from heavylift.store.calls import Statistics
from heavylift.store.redis import RedisStore
from tests.chaos.journal import Journal

COUNTERS = ("submitted", "succeeded", "failed", "cancelled", "expired")


def main(journal_url: str) -> None:
    """Ask both and print."""
    journal = Journal(journal_url)
    json.dump({"now": journal.now(), "runs": [asdict(run) for run in journal.runs()], "counts": _counts()}, sys.stdout)


def _counts() -> dict[str, int]:
    with RedisStore.of(StoreSettings.load()) as store:
        queues = store.run(Statistics()).queues
    return {name: sum(getattr(queue, name) for queue in queues) for name in COUNTERS}


if __name__ == "__main__":
    main(sys.argv[1])
