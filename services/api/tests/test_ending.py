"""Background work ends when it is told to."""

import asyncio

from heavylift.local.redis_server import EmbeddedRedis
from heavylift_api.ending import end
from tests.support.asgi import running_api


async def test_a_task_that_drops_a_cancellation_is_ended_all_the_same() -> None:
    drops = 2

    async def stubborn() -> None:
        nonlocal drops
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                drops -= 1
                if drops < 0:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)

    await asyncio.wait_for(end(task), timeout=5)

    assert task.cancelled()


async def test_the_outcome_of_a_task_that_has_ended_is_left_to_be_asked_for() -> None:
    async def fails() -> None:
        raise ValueError("left alone")

    task = asyncio.create_task(fails())
    await asyncio.wait((task,))

    await end(task)

    assert str(task.exception()) == "left alone"


async def test_the_application_closes_at_whatever_moment_it_is_told_to(redis_server: EmbeddedRedis, namespace: str) -> None:
    """While it connects, most of all: that is where redis-py sends much."""
    for milliseconds in (0, 0.3, 0.6, 1, 2, 4, 8):
        async with asyncio.timeout(5):
            async with running_api(redis_server.url, namespace):
                await asyncio.sleep(milliseconds / 1000)
