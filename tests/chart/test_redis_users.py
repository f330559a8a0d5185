"""The API and a worker can do all of their work as the users that the chart gives them, with the addresses that it tells them."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from heavylift.access import new_key
from heavylift.errors import StoreUnavailable
from heavylift.local import processes
from heavylift.settings import StoreSettings
from heavylift.store.calls import ReadScaling, Rest, ScalingReport, TellScaling, Workload
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.keys import bearer
from tests.support.redis_haproxy import RedisHaproxy
from tests.support.redis_pods import RedisPods
from tests.support.scheduler_stage import kept, put, scheduler
from tests.support.service import ServiceProcess

TLS: dict[str, Any] = {"tls": {"enabled": True}}
BEHIND_HAPROXY: dict[str, Any] = TLS | {"haproxy": {"enabled": True, "forAll": True}}


@pytest.fixture(
    params=[{"replicas": 1}, TLS, BEHIND_HAPROXY], ids=["one server", "three with TLS", "three behind HAProxy with TLS"]
)
def pods(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisPods]:
    with RedisPods(tmp_path, request.param).running() as pods:
        pods.ready()
        with RedisHaproxy(pods).running() if "haproxy" in request.param else nullcontext():
            yield pods


def test_a_task_goes_all_the_way(pods: RedisPods, tmp_path: Path) -> None:
    key, file = new_key(), tmp_path / "first-key"
    file.write_text(key.text)
    with (
        _service(pods, "worker", "heavylift_worker"),
        _service(pods, "api", "heavylift_api", HEAVYLIFT_API_FIRST_KEY_FILE=str(file)) as api,
        httpx.Client(base_url=api.base, headers=bearer(key), timeout=30) as client,
    ):
        submitted = client.post("/v1/tasks", json={"kind": "demo.add", "payload": {"a": 2, "b": 3}}).json()
        task = client.get(f"/v1/tasks/{submitted['id']}?wait=20").json()
        listed = client.get("/v1/tasks?state=succeeded").json()

        assert task["state"] == "succeeded", task
        assert task["result"] == 5
        assert [found["id"] for found in listed["tasks"]] == [submitted["id"]]
    assert _refused(pods) == []


def test_the_autoscaler_sees_what_there_is_and_keeps_what_it_decides(pods: RedisPods) -> None:
    told = pods.settings_of("worker")
    url, file = told["HEAVYLIFT_STORE_URL"].replace("worker@", "autoscaler@"), pods.passwords / "autoscaler"
    asking: dict[str, Any] = {"sentinel_username": "autoscaler", "sentinel_password": SecretStr(pods.password("autoscaler"))}
    own = StoreSettings(url=url, password_file=file, **(asking if "+sentinel" in url else {}))

    with RedisStore.of(own) as store:
        eventually(lambda: _is_there(store), within=20, claim="a way to the primary")
        store.run(Workload(0.0))
        store.run(Rest(("pod",), 5.0))
        store.run(TellScaling(ScalingReport("one", ())))
        found = store.run(ReadScaling()).report

    assert found is not None
    assert found.leader == "one"
    assert _refused(pods) == []


def test_the_scheduler_fires_what_has_come_and_hears_of_changes(pods: RedisPods) -> None:
    told = pods.settings_of("worker")
    url, file = told["HEAVYLIFT_STORE_URL"].replace("worker@", "scheduler@"), pods.passwords / "scheduler"
    asking: dict[str, Any] = {"sentinel_username": "scheduler", "sentinel_password": SecretStr(pods.password("scheduler"))}
    own = StoreSettings(url=url, password_file=file, **(asking if "+sentinel" in url else {}))

    with RedisStore.of(own) as store:
        eventually(lambda: _is_there(store), within=20, claim="a way to the primary")
        with scheduler(store):
            put(store)
            eventually(lambda: kept(store).fired, within=20)

    assert _refused(pods) == []


def _is_there(store: RedisStore) -> bool:
    with suppress(StoreUnavailable):
        return store.run(ReadScaling()) is not None
    return False


def _service(pods: RedisPods, user: str, module: str, **settings: str) -> ServiceProcess:
    port = processes.free_port()
    places = {"api": {"HEAVYLIFT_API_PORT": str(port)}, "worker": {"HEAVYLIFT_WORKER_HTTP_PORT": str(port)}}
    return ServiceProcess(module, port, {**pods.settings_of(user), **places[user], **settings})


def _refused(pods: RedisPods) -> list[Any]:
    """What Redis and the sentinels did not let ours do."""
    return [
        entry["object"]
        for pod in pods.pods
        for connect in (pod.client, pod.sentinel)[: len(pod.processes)]
        for client in [connect()]
        for entry in client.execute_command("ACL LOG")
    ]
