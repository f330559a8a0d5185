"""dramatiq's actors, with results on Redis."""

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend
from kit import work
from kit.surroundings import redis_url

broker = RedisBroker(url=redis_url(0))
broker.add_middleware(Results(backend=RedisBackend(url=redis_url(1)), store_results=True, result_ttl=3_600_000))
dramatiq.set_broker(broker)


@dramatiq.actor
def noop() -> None:
    work.noop()


@dramatiq.actor
def pause(path: str, seconds: float) -> None:
    work.pause(path, seconds)


@dramatiq.actor
def stamp(path: str, sent: float) -> None:
    work.stamp(path, sent)
