"""What the store holds, asked when Prometheus asks."""

from collections.abc import Sequence

from prometheus_client.core import Metric

from heavylift.errors import HeavyliftError
from heavylift.store.calls import Statistics
from heavylift.telemetry.metrics import queue_metrics
from heavylift_api.deadline import TimelyStore


async def store_metrics(store: TimelyStore) -> Sequence[Metric]:
    """The gauges of the queues; none of them when Redis does not answer, so that old numbers do not pass for new ones."""
    try:
        statistics = await store.run(Statistics())
    except HeavyliftError:  # counted and logged by the store under its deadline
        return ()
    return queue_metrics(statistics)
