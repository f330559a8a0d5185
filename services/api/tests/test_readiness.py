"""Ready, and if not, why not. What happens without Redis is in test_deadline.py."""

from heavylift.local.redis_server import EmbeddedRedis
from tests.support.asgi import InProcessApi, running_api


async def test_a_process_that_can_work_says_what_it_knows(api: InProcessApi) -> None:
    await api.get("/v1/catalogue")

    assert (await api.get("/readyz")).json() == {"status": "ok", "checks": {"redis": "takes tasks", "catalogue": "knows 4 kinds"}}


async def test_a_process_without_workers_is_ready(redis_server: EmbeddedRedis, namespace: str) -> None:
    async with running_api(redis_server.url, namespace) as api:
        assert (await api.get("/readyz")).json()["checks"]["redis"] == "takes tasks"


async def test_a_process_lives_without_being_asked_about_redis(api: InProcessApi) -> None:
    assert (await api.get("/livez")).json() == {"status": "ok", "checks": {}}
