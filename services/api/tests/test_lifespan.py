"""What runs beside the requests goes on running."""

from typing import Any

import pytest
import structlog

from heavylift.store import calls
from heavylift.store.redis import RedisStore
from heavylift_api.waiters import Waiters
from tests.support.asgi import InProcessApi
from tests.support.consumer import submit
from tests.support.eventually import eventually_async


async def test_background_work_that_crashes_begins_anew(
    api: InProcessApi, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(waiters: Waiters, message: dict[str, Any]) -> None:
        monkeypatch.undo()
        raise ValueError("what nobody foresaw")

    monkeypatch.setattr(Waiters, "_hear", fails)

    async def lines_of_the_crash() -> list[Any]:
        return [line for line in lines if line["event"] == "background.crashed"]

    with structlog.testing.capture_logs() as lines:
        (crash,) = await eventually_async(lines_of_the_crash, claim="the crash is told")
    assert "Waiters.follow" in crash["work"]

    (id_,) = submit(store)
    store.run(calls.Cancel(id_))
    await eventually_async(lambda: api.get("/readyz"), holds=lambda answer: answer.status_code == 200, claim="readiness")
    assert (await api.get(f"/v1/tasks/{id_}", wait=10)).json()["state"] == "cancelled"
