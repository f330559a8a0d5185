"""A real OOM kill by the kernel."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from tests.support.cgroup import small_cgroup
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


@contextmanager
def starting(worker: WorkerProcess) -> Iterator[WorkerProcess]:
    """A worker that has been launched a moment ago and has forked nothing yet."""
    try:
        worker.launch()
        yield worker
    finally:
        worker.stop()


def test_a_task_that_uses_up_the_memory_of_its_pod_is_quarantined_with_that_as_the_cause(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str
) -> None:
    # Given a worker in a cgroup of 300 MiB
    glutton = Submission(kind="sample.eat", payload=json.dumps({"mebibytes": 2000}))
    with small_cgroup(300) as cgroup, starting(WorkerProcess(redis_server.url, namespace)) as worker:
        cgroup.take_in(worker.process.pid)
        eventually(worker.is_ready, within=30, claim="the worker's readiness")

        # When one of its tasks wants much more than that
        redis_store.run(Submit((glutton,)))
        record = eventually(lambda: redis_store.run(Read(glutton.id)), holds=lambda r: r is not None and r.ended, within=60)

        # Then the kernel ends the child each time, and the worker lives and knows why
        assert record is not None
        assert (record.state, record.error["type"], record.deaths) == (State.FAILED, "WorkerLost", 3)
        assert "killed by the kernel because the memory of its cgroup was used up" in record.error["message"]
        assert 'task_worker_process_lost_total{reason="oom"} 3.0' in worker.metrics()
        assert worker.process.poll() is None
