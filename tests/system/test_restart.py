"""Everything is restarted in the middle of a thousand tasks; every accepted one ends succeeded."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.state import State
from heavylift.store.calls import Read, Statistics
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess

TASKS = 1000


class Submitters:
    """Clients that submit until the number is accepted. A submit ends accepted, refused or unknown; only the first counts."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._left: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.accepted: list[str] = []
        for number in range(TASKS):
            self._left.put(number)
        self._threads = [threading.Thread(target=self._submit_all) for _ in range(4)]

    def _submit_all(self) -> None:
        with httpx.Client(base_url=self._base, timeout=5) as client:
            while True:
                try:
                    number = self._left.get_nowait()
                except queue.Empty:
                    return
                if not self._submit(client, number):
                    self._left.put(number)

    def _submit(self, client: httpx.Client, number: int) -> bool:
        try:
            answer = client.post("/v1/tasks", json={"kind": "sample.add", "payload": {"a": number, "b": 0}})
        except httpx.TransportError:
            return False
        if answer.status_code == httpx.codes.ACCEPTED:
            self.accepted.append(answer.json()["id"])
            return True
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        return False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        yield
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), f"only {len(self.accepted)} of {TASKS} were accepted"

    def await_accepted(self, number: int) -> None:
        eventually(lambda: len(self.accepted), holds=lambda seen: seen >= number, within=60, claim=f"{number} accepted tasks")


def test_every_accepted_task_survives_the_restart_of_redis_api_and_worker(namespace: str, tmp_path: Path) -> None:
    server = EmbeddedRedis(directory=tmp_path).start()
    try:
        with (
            RedisStore.from_url(server.url, namespace=namespace) as store,
            WorkerProcess(server.url, namespace) as worker,
            ApiProcess(server.url, namespace) as api,
        ):
            submitters = Submitters(api.base)
            with submitters.at_work():
                submitters.await_accepted(TASKS * 1 // 5)
                worker.kill()
                submitters.await_accepted(TASKS * 2 // 5)
                server.kill()
                server.start()
                worker.start()
                submitters.await_accepted(TASKS * 3 // 5)
                api.terminate()
                api.start()
                submitters.await_accepted(TASKS * 4 // 5)
                server.stop()
                server.start()

            assert len(submitters.accepted) == TASKS
            eventually(
                lambda: [task_id for task_id in submitters.accepted if state_of(store, task_id) is not State.SUCCEEDED],
                holds=lambda unfinished: not unfinished,
                within=60,
                claim="all accepted tasks succeeded",
            )
            statistics = store.run(Statistics())
            assert all(queue.submitted == queue.succeeded for queue in statistics.queues)
    finally:
        server.stop()


def state_of(store: RedisStore, task_id: str) -> State | None:
    record = store.run(Read(task_id))
    return record.state if record else None
