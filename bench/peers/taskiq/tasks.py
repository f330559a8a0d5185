"""taskiq's tasks, on a Redis stream with results."""

from kit import work
from kit.surroundings import redis_url
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

broker = RedisStreamBroker(redis_url(0)).with_result_backend(RedisAsyncResultBackend(redis_url(1), result_ex_time=3600))


@broker.task(task_name="noop")
async def noop() -> None:
    work.noop()


@broker.task(task_name="pause")
async def pause(path: str, seconds: float) -> None:
    await work.pause_async(path, seconds)


@broker.task(task_name="stamp")
async def stamp(path: str, sent: float) -> None:
    work.stamp(path, sent)
