"""A client in an application of FastAPI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from examples.web_application.app import app as web_application
from heavylift.client.fastapi import Heavylift, client_lifespan
from heavylift.errors import ConfigurationInvalid
from heavylift.record import new_task_id
from heavylift.store.redis import RedisStore
from heavylift_tasks.demo import add
from tests.support.api import ApiProcess
from tests.support.eventually import eventually_async
from tests.support.servant import serving


def visitor(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web")


async def test_the_web_application_of_the_examples_orders_and_tells(
    clients_api: ApiProcess, clients_store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEAVYLIFT_URL", clients_api.base)
    with serving(clients_store, [add]):
        async with web_application.router.lifespan_context(web_application), visitor(web_application) as web:
            ordered = await web.post("/sums", json={"a": 2, "b": 3})

            assert ordered.status_code == 202
            told = await eventually_async(
                lambda: web.get(f"/sums/{ordered.json()['id']}"), holds=lambda seen: seen.json()["state"] == "succeeded"
            )
            assert told.json() == {"state": "succeeded", "sum": 5}
            assert (await web.get(f"/sums/{new_task_id()}")).status_code == 404


async def test_a_lifespan_that_is_there_is_kept_and_the_client_is_closed_at_the_end(clients_api: ApiProcess) -> None:
    told: list[str] = []

    @asynccontextmanager
    async def around(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        told.append("begun")
        yield {"mine": "state"}
        told.append("ended")

    app = FastAPI(lifespan=client_lifespan(clients_api.base, around=around))

    @app.get("/kinds")
    async def kinds(heavylift: Heavylift) -> int:
        return len(await heavylift.catalogue())

    async with app.router.lifespan_context(app) as state:
        assert state == {"mine": "state"}
        async with visitor(app) as web:
            assert (await web.get("/kinds")).json() > 0
        client = app.state.heavylift

    assert told == ["begun", "ended"]
    with pytest.raises(RuntimeError, match="closed"):
        await client.catalogue()


async def test_an_application_without_a_client_is_told_how_to_get_one(clients_api: ApiProcess) -> None:
    app = FastAPI()

    @app.get("/kinds")
    async def kinds(heavylift: Heavylift) -> int:
        return len(await heavylift.catalogue())

    async with visitor(app) as web:
        with pytest.raises(ConfigurationInvalid, match=r"FastAPI\(lifespan=client_lifespan\(\)\)"):
            await web.get("/kinds")
