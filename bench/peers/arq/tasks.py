"""arq's tasks and worker. It asks Redis at an interval; a short one is what makes it fast."""

from arq.connections import RedisSettings
from kit import work
from kit.surroundings import REDIS_HOST, REDIS_PORT, SLOTS

REDIS = RedisSettings(host=REDIS_HOST, port=REDIS_PORT)


async def noop(_context: dict[str, object]) -> None:
    work.noop()


async def pause(_context: dict[str, object], path: str, seconds: float) -> None:
    await work.pause_async(path, seconds)


async def stamp(_context: dict[str, object], path: str, sent: float) -> None:
    work.stamp(path, sent)


class WorkerSettings:
    """What ``arq`` reads."""

    functions = (noop, pause, stamp)
    redis_settings = REDIS
    max_jobs = SLOTS
    poll_delay = 0.01
    keep_result = 3600
    log_results = False
