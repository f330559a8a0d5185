"""The end of a campaign: work until nothing is left, then look for what a quiet store must not hold."""

from collections.abc import Iterator
from typing import Any

import redis

from heavylift.store.calls import Statistics, StatisticsReply
from heavylift.store.redis import RedisStore
from tests.chaos.history import Counts
from tests.support.eventually import eventually


def await_rest(store: RedisStore, *, consumers: int, within: float) -> None:
    """Until nothing is scheduled, queued or running, and exactly the living children are registered."""
    eventually(
        lambda: _unrest(store.run(Statistics())),
        holds=(0, 0, 0, consumers).__eq__,
        within=within,
        claim="rest, with all consumers",
    )


def _unrest(statistics: StatisticsReply) -> tuple[int, int, int, int]:
    queues = statistics.queues
    return statistics.scheduled, sum(q.ready for q in queues), sum(q.running for q in queues), statistics.consumers


def count(store: RedisStore) -> Counts:
    """The counters over all queues."""
    queues = store.run(Statistics()).queues
    names = ("submitted", "succeeded", "failed", "cancelled", "expired")
    return Counts(*(sum(getattr(queue, name) for queue in queues) for name in names))


def leftovers(url: str, partition: str) -> tuple[str, ...]:
    """What lies in streams, pending lists and waiting rooms when every worker has left, in sentences."""
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return tuple(_leftovers(client, partition))


def _leftovers(client: Any, partition: str) -> Iterator[str]:
    if registered := client.zcard(f"{partition}:consumers"):
        yield f"{registered} consumers are registered and none lives"
    for name in ("scheduled", "expiring", "index:state:scheduled", "index:state:queued", "index:state:running"):
        if size := client.zcard(f"{partition}:{name}"):
            yield f"{size} tasks are left in {name}"
    for stream in client.scan_iter(f"{partition}:queue:*", _type="stream"):
        yield from _left_in(client, stream)


def _left_in(client: Any, stream: str) -> Iterator[str]:
    if length := client.xlen(stream):
        yield f"{length} entries are left in {stream}"
    for group in client.xinfo_groups(stream):
        if group["pending"]:
            yield f"{group['pending']} entries are pending in {stream}"
        if group["consumers"]:
            yield f"{stream} remembers {group['consumers']} consumers that are gone"
