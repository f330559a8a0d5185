"""The API inside the test's own process and event loop, on a real Redis. What it answers is held against its own description."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from heavylift.settings import StoreSettings, TelemetrySettings
from heavylift.telemetry import traces
from heavylift_api.app import create_app
from heavylift_api.lifespan import State
from heavylift_api.settings import AccessSettings, ApiSettings
from tests.support.described import check

#: The mark of tests that use the API which many share, the fixture ``refusing``; its event loop is theirs, too.
refused = pytest.mark.asyncio(loop_scope="session")

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class InProcessApi:
    """An application whose lifespan runs, what it holds, and a client of it. ``asgi`` is for requests that no client makes."""

    app: FastAPI
    asgi: ASGIApp
    state: State
    client: httpx.AsyncClient

    async def submit(self, kind: str = "images.thumbnail", *, key: str | None = None, **fields: Any) -> httpx.Response:
        """Submit a task, with a payload that fits unless there is another one; ``key``: its Idempotency-Key."""
        body = {"kind": kind, "payload": {"source": "a.jpg", "width": 1}} | fields
        headers = {} if key is None else {"Idempotency-Key": f'"{key}"'}
        return await self.client.post("/v1/tasks", json=body, headers=headers)

    async def submit_text(self, body: str | bytes, **headers: str) -> httpx.Response:
        """Submit exactly these bytes."""
        return await self.client.post("/v1/tasks", content=body, headers=JSON | headers)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Read."""
        return await self.client.get(path, params=query or None)


@asynccontextmanager
async def running_api(
    url: str,
    namespace: str,
    *,
    store_settings: dict[str, Any] | None = None,
    auth: Literal["on", "off"] = "off",
    **settings: Any,
) -> AsyncIterator[InProcessApi]:
    """The API with default settings but for these. It asks for no key unless ``auth`` is on."""
    traces.configure(TelemetrySettings(), service="heavylift-api")
    store = StoreSettings(url=url, namespace=namespace, **store_settings or {})
    app = create_app(ApiSettings(store=store, access=AccessSettings(auth=auth), **settings))
    async with app.router.lifespan_context(app) as state:

        async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        transport = httpx.ASGITransport(asgi)
        hooks = {"response": [_fits_its_description]}
        async with httpx.AsyncClient(transport=transport, base_url="http://api", event_hooks=hooks, timeout=30) as client:
            yield InProcessApi(app, asgi, state, client)


async def _fits_its_description(response: httpx.Response) -> None:
    body = await response.aread()
    content_type = response.headers.get("content-type", "")
    value = json.loads(body) if body and "json" in content_type else None
    check(response.request.method, response.request.url.path, response.status_code, content_type, value)
