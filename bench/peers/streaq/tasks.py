"""streaq's tasks and worker."""

from kit import work
from kit.surroundings import SLOTS, redis_url
from streaq import Worker

worker = Worker(redis_url=redis_url(0), concurrency=SLOTS, anyio_kwargs={"use_uvloop": True})


@worker.task(name="noop", ttl=3600, silent=True)
async def noop() -> None:
    work.noop()


@worker.task(name="pause", ttl=3600, silent=True)
async def pause(path: str, seconds: float) -> None:
    await work.pause_async(path, seconds)


@worker.task(name="stamp", ttl=3600, silent=True)
async def stamp(path: str, sent: float) -> None:
    work.stamp(path, sent)
