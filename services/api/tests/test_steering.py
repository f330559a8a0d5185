"""People steer the pools of workers over HTTP, for a while."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.calls import PoolDecision, ReadScaling, ScalingMode, ScalingReport, TellScaling
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, running_api
from tests.support.keys import bearer, make_key
from tests.support.problems import problem

WEB = PoolDecision(
    pool="web",
    deployment="worker-web",
    mode=ScalingMode.ACTING,
    current=2,
    target=2,
    wanted=2,
    rule="need",
    reason="staying at 2: nothing waits, runs or comes in",
    would_wait=0.0,
    startup=8.0,
    minimum=1,
    maximum=10,
)
VIDEO = replace(WEB, pool="video", minimum=0)


@pytest.fixture
def pools(store: RedisStore) -> RedisStore:
    """A store in which an autoscaler has decided about two pools."""
    store.run(TellScaling(ScalingReport("pod-1", (WEB, VIDEO), engine="controller")))
    return store


async def _ask(api: InProcessApi, path: str, **body: Any) -> dict[str, Any]:
    answer = await api.client.post(f"/v1/autoscaling/{path}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def _steering(api: InProcessApi) -> dict[str, Any]:
    told = (await api.get("/v1/autoscaling")).json()
    return {pool["name"]: pool["steering"] for pool in told["pools"]}


async def test_a_pool_is_given_a_number_of_pods_until_its_time_is_over(api: InProcessApi, pools: RedisStore) -> None:
    told = await _ask(api, "pools/web/override", replicas=8.0, expires_in=7200, reason="release day")

    assert (told["pools"], told["effect"]) == (["web"], "the autoscaler sees to it within a few seconds")
    shown = (await _steering(api))["web"]
    assert shown == told["steering"]
    assert (shown["replicas"], shown["reason"], shown["by"]) == (8, "release day", "somebody")
    since, until = (datetime.fromisoformat(shown[name]) for name in ("since", "until"))
    assert until - since == timedelta(hours=2)
    kept = pools.run(ReadScaling()).steering["web"]
    assert (kept.replicas, kept.until) == (8, until)
    assert (await _steering(api))["video"] is None


async def test_one_pool_or_all_of_them_are_frozen_and_let_go(api: InProcessApi, pools: RedisStore) -> None:
    await _ask(api, "pools/video/freeze", expires_in=60)
    assert [said and said["replicas"] for said in (await _steering(api)).values()] == [None, None]
    assert list(pools.run(ReadScaling()).steering) == ["video"]

    assert (await _ask(api, "freeze", expires_in=60, reason="moving nodes"))["pools"] == ["web", "video"]
    assert list(pools.run(ReadScaling()).steering) == ["video", "web"]

    told = (await api.client.delete("/v1/autoscaling/pools/web/steering")).json()
    assert (told["pools"], told["steering"]) == (["web"], None)
    assert list(pools.run(ReadScaling()).steering) == ["video"]
    assert (await api.client.delete("/v1/autoscaling/steering")).json()["pools"] == ["web", "video"]
    assert pools.run(ReadScaling()).steering == {}


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"replicas": 11, "expires_in": 60}, "replicas", "is 11, and the pool web has 1 to 10 pods"),
        ({"replicas": 0, "expires_in": 60}, "replicas", "is 0, and the pool web has 1 to 10 pods"),
        ({"replicas": 5}, "expires_in", "is missing"),
        ({"expires_in": 60}, "replicas", "is missing"),
        ({"replicas": 5, "expires_in": 8 * 86_400}, "expires_in", "604800"),
        ({"replicas": 5, "expires_in": 0}, "expires_in", "1"),
        ({"replicas": 2.5, "expires_in": 60}, "replicas", "integer"),
        ({"replicas": "5", "expires_in": 60}, "replicas", "integer"),
        ({"replicas": 5, "expires_in": 60, "reason": "a\nb"}, "reason", "pattern"),
        ({"replicas": 5, "expires_in": 60, "pool": "web"}, "pool", "not known"),
    ],
)
async def test_what_cannot_be_wanted_is_refused_by_its_field(
    api: InProcessApi, pools: RedisStore, body: dict[str, Any], field: str, words: str
) -> None:
    told = problem(await api.client.post("/v1/autoscaling/pools/web/override", json=body), 422, "request-invalid", field)

    assert words in told["detail"]
    assert pools.run(ReadScaling()).steering == {}


async def test_a_pool_that_is_not_there_is_told_with_those_that_are(api: InProcessApi, pools: RedisStore) -> None:
    for ask in (
        api.client.post("/v1/autoscaling/pools/vidoe/freeze", json={"expires_in": 60}),
        api.client.post("/v1/autoscaling/pools/vidoe/override", json={"expires_in": 60, "replicas": 1}),
        api.client.delete("/v1/autoscaling/pools/vidoe/steering"),
    ):
        told = problem(await ask, 404, "pool-not-found")
        assert (told["detail"], told["near"]) == ("there is no pool 'vidoe'; did you mean video?", ["video"])


async def test_where_no_autoscaler_ever_was_there_is_nothing_to_steer(api: InProcessApi) -> None:
    told = problem(await api.client.post("/v1/autoscaling/freeze", json={"expires_in": 60}), 404, "pool-not-found")

    assert told["detail"] == "no autoscaler has decided anything here yet, so there is no pool to steer"


@pytest.mark.parametrize(
    ("engine", "mode", "words"),
    [
        ("keda", ScalingMode.ADVISING, "KEDA is told so when it asks next"),
        ("none", ScalingMode.ADVISING, "nothing changes: the engine is none"),
        ("controller", ScalingMode.DRY_RUN, "nothing changes: the autoscaler only tries"),
    ],
)
async def test_the_answer_says_what_comes_of_it(
    api: InProcessApi, store: RedisStore, engine: str, mode: ScalingMode, words: str
) -> None:
    store.run(TellScaling(ScalingReport("pod-1", (replace(WEB, mode=mode),), engine=engine)))

    told = await _ask(api, "pools/web/override", replicas=3, expires_in=60)

    assert told["effect"].startswith(words)
    assert (await api.get("/v1/autoscaling")).json()["engine"] == engine


async def test_who_operates_for_a_tenant_steers_nothing_and_who_operates_for_all_is_named(
    redis_server: EmbeddedRedis, pools: RedisStore, namespace: str
) -> None:
    acme, reader = make_key(pools, Scope.OPERATE, Scope.ADMIN, tenant="acme"), make_key(pools, Scope.READ)
    operator, admin = make_key(pools, Scope.OPERATE), make_key(pools, Scope.ADMIN)
    async with running_api(redis_server.url, namespace, auth="on") as api:
        path, body = "/v1/autoscaling/pools/web/override", {"replicas": 3, "expires_in": 60, "reason": "launch"}

        problem(await api.client.post(path, json=body, headers=bearer(acme)), 404, "pool-not-found")
        problem(await api.client.post(path, json=body, headers=bearer(reader)), 403, "scope-missing")
        assert pools.run(ReadScaling()).steering == {}

        told = (await api.client.post(path, json=body, headers=bearer(operator))).json()
        assert told["steering"]["by"] == "test"
        entry, *_ = (await api.client.get("/v1/audit", headers=bearer(admin))).json()["entries"]
        assert (entry["action"], entry["target"], entry["key"]) == ("pool.override", "web", operator.id)
        assert entry["details"] == {"replicas": 3, "expires_in": 60.0, "reason": "launch"}
