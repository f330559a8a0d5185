"""Schedulers are killed, and each time makes its task all the same, once."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from heavylift.local import processes
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.schedule import Missed, task_id_at
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.scheduler_stage import kept, put
from tests.support.service import ServiceProcess

NAMES = [f"each-{number}" for number in range(5)]


class SchedulerProcess(ServiceProcess):
    """The scheduler as it is deployed."""

    def __init__(self, url: str, namespace: str) -> None:
        port = processes.free_port()
        settings = {
            "HEAVYLIFT_STORE_URL": url,
            "HEAVYLIFT_STORE_NAMESPACE": namespace,
            "HEAVYLIFT_SCHEDULER_HTTP_PORT": str(port),
        }
        super().__init__("heavylift_scheduler", port, settings)


@pytest.fixture
def two(redis_server: EmbeddedRedis, namespace: str) -> Iterator[list[SchedulerProcess]]:
    """Two that run at once."""
    with ExitStack() as opened:
        both = [SchedulerProcess(redis_server.url, namespace) for _ in range(2)]
        for process in both:
            opened.callback(process.stop)
            process.launch()
        for process in both:
            eventually(process.is_ready, within=60, claim="readiness")
        yield both


def test_whichever_scheduler_is_killed_each_time_has_one_task(two: list[SchedulerProcess], redis_store: RedisStore) -> None:
    begun = {name: put(redis_store, name=name, missed=Missed.ALL) for name in NAMES}

    for number in range(4):  # each in turn, in the middle of whatever it does, while the other goes on or comes up
        seen = kept(redis_store, NAMES[0]).fired
        eventually(lambda seen=seen: kept(redis_store, NAMES[0]).fired > seen, within=30)
        two[number % 2].kill()
        two[number % 2].launch()
    for process in two:
        eventually(process.is_ready, within=60, claim="readiness")
    seen = kept(redis_store, NAMES[-1]).fired
    eventually(lambda: kept(redis_store, NAMES[-1]).fired > seen, within=30)
    assert [process.terminate(within=60) for process in two] == [0, 0]

    for name, first in begun.items():
        last = kept(redis_store, name)
        assert first.next_at is not None
        assert last.next_at is not None
        times = (last.next_at - first.next_at) // timedelta(seconds=1)
        tasks = [redis_store.run(Read(task_id_at(last, first.next_at + timedelta(seconds=n)))) for n in range(times)]
        assert None not in tasks, "no time was left out"
        assert (last.fired, last.missed) == (times, 0), "and none has another besides"
