"""What the autoscaler decided, over HTTP."""

from dataclasses import replace

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.calls import Condition, PoolDecision, ScalingMode, ScalingReport, Steer, Steering, TellScaling
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, running_api
from tests.support.problems import problem

DECISION = PoolDecision(
    pool="web",
    deployment="worker-web",
    mode=ScalingMode.ACTING,
    current=2,
    target=5,
    wanted=5,
    rule="need",
    reason="scaling from 2 to 5: 90 ready tasks of 1 s would wait 45 s, 30 s were promised, first new worker in about 8 s",
    would_wait=45.0,
    startup=8.0,
)


async def test_where_there_is_no_autoscaler_nothing_was_decided(api: InProcessApi) -> None:
    assert (await api.get("/v1/autoscaling")).json() == {
        "at": None,
        "leader": None,
        "engine": None,
        "pools": [],
        "unserved": {},
    }


async def test_every_pool_says_how_many_there_are_to_be_and_why(api: InProcessApi, store: RedisStore) -> None:
    stuck = replace(DECISION, pool="video", would_wait=None, conditions=(Condition("quota", "no quota is left"),))
    store.run(TellScaling(ScalingReport("pod-1", (DECISION, stuck), {"audio": "3 tasks wait"})))
    store.run(Steer("video", Steering(None, "release day", "ada"), 3600.0))

    told = (await api.get("/v1/autoscaling")).json()

    web, video = told["pools"]
    assert (told["leader"], told["unserved"], told["at"][-1]) == ("pod-1", {"audio": "3 tasks wait"}, "Z")
    assert (web["name"], web["current"], web["target"], web["mode"]) == ("web", 2, 5, "acting")
    assert (web["reason"], web["would_wait"], web["steering"]) == (DECISION.reason, 45.0, None)
    assert (video["would_wait"], video["conditions"]) == (None, [{"type": "quota", "message": "no quota is left"}])
    assert (video["steering"]["replicas"], video["steering"]["by"]) == (None, "ada")


async def test_without_redis_nothing_is_known(namespace: str) -> None:
    with EmbeddedRedis() as server:
        async with running_api(server.url, namespace) as api:
            server.kill()

            problem(await api.get("/v1/autoscaling"), 503, "store-unavailable")
