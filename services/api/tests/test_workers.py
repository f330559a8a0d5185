"""Workers: who lives, and what they run."""

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, running_api
from tests.support.keys import bearer, make_key

KIND = "demo.anything"


async def test_workers_are_told_with_what_they_run(api: InProcessApi, store: RedisStore) -> None:
    id_ = (await api.submit(KIND)).json()["id"]
    for name in ("celery@pod-1/aaaa/0.1", "celery@pod-2/bbbb/0.1"):
        store.run(calls.Register(name, ("default",), 60, {}))
    store.run(calls.Claim.of("celery@pod-1/aaaa/0.1", ("default",)))

    page = (await api.get("/v1/workers", limit=1)).json()
    last = (await api.get(page["next"])).json()

    (worker,) = page["workers"]
    assert (worker["host"], worker["queues"], worker["rests"], worker["in_hand"]) == ("pod-1", ["default"], False, 1)
    assert [(task["id"], task["href"]) for task in worker["running"]] == [(id_, f"/v1/tasks/{id_}")]
    assert ([worker["host"] for worker in last["workers"]], last["next"]) == (["pod-2"], None)


async def test_who_calls_for_one_tenant_is_told_of_no_worker_and_others_of_their_own_tasks(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    tenant, reader, admin = (
        make_key(store, Scope.ADMIN, tenant="acme"),
        make_key(store, Scope.READ),
        make_key(store, Scope.ADMIN),
    )
    async with running_api(redis_server.url, namespace, auth="on") as api:
        await api.client.post("/v1/tasks", json={"kind": KIND}, headers=bearer(tenant))
        store.run(calls.Register("celery@pod-1/aaaa/0.1", ("default",), 60, {}))
        store.run(calls.Claim.of("celery@pod-1/aaaa/0.1", ("default",)))

        told = [(await api.client.get("/v1/workers", headers=bearer(key))).json()["workers"] for key in (tenant, reader, admin)]

    assert [[(worker["in_hand"], len(worker["running"])) for worker in workers] for workers in told] == [[], [(1, 0)], [(1, 1)]]
