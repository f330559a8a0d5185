"""saq's tasks and worker."""

from kit import work
from kit.surroundings import SLOTS, redis_url
from saq import Queue

queue = Queue.from_url(redis_url(0), max_concurrent_ops=64)


async def noop(_context: dict[str, object]) -> None:
    work.noop()


async def pause(_context: dict[str, object], *, path: str, seconds: float) -> None:
    await work.pause_async(path, seconds)


async def stamp(_context: dict[str, object], *, path: str, sent: float) -> None:
    work.stamp(path, sent)


settings = {"queue": queue, "functions": [noop, pause, stamp], "concurrency": SLOTS}
