"""What only a real Redis can show: forgotten scripts, lost data, keys, threads."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import redis

from heavylift.catalogue import Kind
from heavylift.errors import LeaseLost, StoreRefused
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure, Retry, Succeeded
from heavylift.record import Submission, from_ms
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Ended, Limits
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually

STREAMS = calls.streams(("default",))
BROKEN = Failure("ValueError", "it broke", retryable=True)


@pytest.fixture
def own_server() -> Iterator[EmbeddedRedis]:
    """A server that a test may empty or stop."""
    with EmbeddedRedis() as server:
        yield server


def test_a_script_that_redis_forgot_is_brought_again(own_server: EmbeddedRedis) -> None:
    with RedisStore.from_url(own_server.url) as store, redis.Redis.from_url(own_server.url) as client:
        (first,) = submit(store)
        client.script_flush()

        (second,) = submit(store)

        register(store)
        assert [d.id for d in claim(store, 2)] == [first, second]


def test_scripts_that_redis_forgot_are_brought_again_in_a_pipeline(own_server: EmbeddedRedis) -> None:
    with RedisStore.from_url(own_server.url) as store, redis.Redis.from_url(own_server.url) as client:
        ids = submit(store, 2)
        register(store)
        (held,) = claim(store)
        client.script_flush()

        committed, claimed = store.run_all(
            [calls.Complete((Ended(held.id, held.fence, Succeeded("1")),)), calls.Claim.of("w1", ("default",))]
        )

        assert committed == (True,)
        assert [d.id for d in claimed] == ids[1:]


async def test_asyncio_code_brings_a_forgotten_script_again_too(own_server: EmbeddedRedis) -> None:
    store = AsyncRedisStore.from_url(own_server.url)
    await store.ping()
    await store.run(calls.Statistics())
    with redis.Redis.from_url(own_server.url) as client:
        client.script_flush()

    assert await store.run(calls.Statistics()) == calls.StatisticsReply(0, 0, ())
    await store.close()


def test_an_error_in_a_pipeline_stands_in_its_place(redis_store: RedisStore) -> None:
    lost, counted = redis_store.run_all([calls.Claim.of("nobody", ("default",)), calls.Statistics()])

    assert isinstance(lost, LeaseLost)
    assert isinstance(counted, calls.StatisticsReply)


def test_after_a_loss_of_all_data_consumers_and_groups_come_to_be_again(own_server: EmbeddedRedis) -> None:
    with RedisStore.from_url(own_server.url) as store, redis.Redis.from_url(own_server.url) as client:
        register(store)
        client.flushall()

        with pytest.raises(LeaseLost):
            store.wait("w1", STREAMS, 0.01)
        with pytest.raises(LeaseLost):
            claim(store)
        register(store)
        ids = submit(store)

        assert [d.id for d in claim(store)] == ids


def test_a_group_that_got_lost_is_made_again_by_the_claim(redis_store: RedisStore, client: Any) -> None:
    register(redis_store)
    client.xgroup_destroy(f"{redis_store.partition}:queue:default:process:normal", "workers")
    ids = submit(redis_store)

    assert [d.id for d in claim(redis_store)] == ids


def test_an_entry_that_a_wait_takes_after_the_lease_is_given_back_by_the_refused_claim(redis_store: RedisStore) -> None:
    register(redis_store)
    redis_store.run(calls.HandOn("w1", "its lease ended", blame=True, max_deaths=3))
    ids = submit(redis_store)
    waiting = redis_store.wait("w1", STREAMS, 0.01)
    assert [w.id for w in waiting] == ids

    with pytest.raises(LeaseLost):
        claim(redis_store, waiting=waiting)

    register(redis_store, "w2")
    assert [d.id for d in claim(redis_store, 10, "w2")] == ids


def test_an_entry_that_a_wait_takes_after_the_lease_is_reaped_when_its_reader_dies(redis_store: RedisStore) -> None:
    register(redis_store)
    redis_store.run(calls.HandOn("w1", "its lease ended", blame=True, max_deaths=3))
    ids = submit(redis_store)
    redis_store.wait("w1", STREAMS, 0.01)

    # The reader dies here, and no lease speaks of it.
    assert redis_store.run(calls.Reap(max_deaths=3)) == (calls.HandedOn("w1", tuple(ids), ()),)
    register(redis_store, "w2")
    (delivery,) = claim(redis_store, 10, "w2")
    assert (delivery.id, delivery.deaths) == (ids[0], 0)


def test_a_damaged_record_stops_neither_claims_nor_promotion_nor_the_handing_on_of_others(
    own_server: EmbeddedRedis,
) -> None:
    with (
        RedisStore.from_url(own_server.url, namespace="mine") as store,
        redis.Redis.from_url(own_server.url) as client,
    ):

        def damage(id_: str) -> None:
            client.set(f"mine:{{p0}}:task:{id_}", "no record")

        # Given a damaged record among those that are queued, delayed and in a hand
        register(store)
        in_hand = submit(store, 2)
        claim(store, 2)
        queued = submit(store, 2)
        delayed = submit(store, 2, delay=0.001)
        for ids in (in_hand, queued, delayed):
            damage(ids[0])

        # Then the others go on
        eventually(lambda: store.run(calls.Promote()).promoted, holds=lambda promoted: promoted == (delayed[1],))
        handed = store.run(calls.HandOn("w1", "SIGKILL", blame=True, max_deaths=3))
        assert handed.requeued == (in_hand[1],)
        register(store, "w2")
        assert {d.id for d in claim(store, 10, "w2")} == {in_hand[1], queued[1], delayed[1]}


def test_a_dead_reader_is_forgotten_when_somebody_else_ended_what_it_took(redis_store: RedisStore) -> None:
    register(redis_store)
    redis_store.run(calls.HandOn("w1", "SIGKILL", blame=True, max_deaths=3))
    (id_,) = submit(redis_store)
    redis_store.wait("w1", STREAMS, 0.01)
    redis_store.run(calls.Cancel(id_))
    assert _remembered(redis_store) == {"w1"}

    assert redis_store.run(calls.Reap(max_deaths=3)) == ()

    assert _remembered(redis_store) == set()


def _remembered(store: RedisStore) -> set[str]:
    """The consumers that any group knows."""
    client: Any = store._client
    streams = client.scan_iter(f"{store.partition}:queue:*", _type="stream")
    return {
        consumer["name"]
        for stream in streams
        for group in client.xinfo_groups(stream)
        for consumer in client.xinfo_consumers(stream, group["name"])
    }


def test_a_dead_worker_that_cannot_be_handed_on_holds_up_no_other(own_server: EmbeddedRedis) -> None:
    with (
        RedisStore.from_url(own_server.url, namespace="mine") as store,
        redis.Redis.from_url(own_server.url) as client,
    ):
        # Given two dead workers, and a history of what the first ran that Redis cannot write
        ids = submit(store, 2)
        for consumer in ("w1", "w2"):
            register(store, consumer)
            claim(store, 1, consumer)
        client.zadd("mine:{p0}:consumers", {"w1": 1, "w2": 2})
        history = f"mine:{{p0}}:history:{ids[0]}"
        client.set(history, "no list")

        # Then the second is handed on, what is wrong with the first is told, and it follows when that is mended
        assert store.run(calls.Reap(max_deaths=3)) == (calls.HandedOn("w2", (ids[1],), ()),)
        with pytest.raises(StoreRefused, match="WRONGTYPE"):
            store.run(calls.Reap(max_deaths=3))
        client.delete(history)
        assert store.run(calls.Reap(max_deaths=3)) == (calls.HandedOn("w1", (ids[0],), ()),)


def test_a_waiting_consumer_is_woken_by_the_task_that_comes(redis_server: EmbeddedRedis, redis_store: RedisStore) -> None:
    register(redis_store)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(redis_store.wait, "w1", STREAMS, 3.0)
        with redis.Redis.from_url(redis_server.url) as client:
            eventually(lambda: client.info("clients")["blocked_clients"], claim="somebody waits")
        ids = submit(redis_store)

        assert [w.id for w in waiting.result(timeout=2)] == ids


def test_every_key_begins_with_the_namespace_and_carries_the_partition(own_server: EmbeddedRedis) -> None:
    with (
        RedisStore.from_url(own_server.url, namespace="mine", limits=Limits(retention=60)) as store,
        redis.Redis.from_url(own_server.url, decode_responses=True) as client,
    ):
        _exercise_everything(store)

        keys = set(client.scan_iter())

    assert {key for key in keys if not key.startswith("mine:{p0}:")} == set()
    parts = {key.removeprefix("mine:{p0}:").split(":")[0] for key in keys}
    assert parts == {
        *("task", "history", "queue", "queues", "index", "indexes", "counters", "seq", "dead"),
        *("probe", "scheduled", "expiring", "consumer", "consumers", "catalogue", "reaping", "pulse"),
    }


def _exercise_everything(store: RedisStore) -> None:
    store.run(calls.Publish((Kind(name="demo.work"),)))
    store.run(calls.Probe())
    late = from_ms(4_000_000_000_000)
    submit(store, 5, tags=("a", "b"))
    submit(store, 2, delay=60, priority="high", expires_at=late)
    register(store)
    a, b, c, d = claim(store, 4)
    store.run(calls.Remember((calls.Memo.progress(a.id, a.fence, 1),)))
    store.run(calls.Recall(a.id, a.fence, "mail"))
    store.run(calls.Cancel(b.id))
    store.run(calls.Renew(("w1",), 60))
    store.run(calls.Read(a.id, watch="mine:ends"))
    store.run(calls.Complete((Ended(a.id, a.fence, Succeeded("1")), Ended(b.id, b.fence, Failed(BROKEN)))))
    store.run(calls.Reschedule((Ended(c.id, c.fence, Retry(0, BROKEN)),)))
    store.run(calls.Release(((d.id, d.fence),)))
    store.run(calls.Cancel(d.id))
    store.run(calls.Promote())
    store.run(calls.Renew(("w1", "nobody"), 60))
    store.run(calls.Reap(3))
    store.run(calls.List(tag="a"))
    claim(store)
    store.run(calls.HandOn("w1", "SIGKILL", blame=True, max_deaths=1))
    store.run(calls.DeadLetters())
    store.run(calls.Sweep())
    register(store, "w2")


def test_two_namespaces_do_not_see_each_other(redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str) -> None:
    submit(redis_store)

    with RedisStore.from_url(redis_server.url, namespace=f"{namespace}-other") as other:
        assert other.run(calls.Statistics()).queues == ()


def test_threads_that_claim_at_once_get_each_task_exactly_once(redis_store: RedisStore) -> None:
    ids = submit(redis_store, 500)
    for consumer in range(4):
        register(redis_store, f"w{consumer}")
    start = threading.Barrier(4)

    def drain(consumer: str) -> list[str]:
        start.wait()
        got: list[str] = []
        while batch := claim(redis_store, 7, consumer):
            got += [d.id for d in batch]
        return got

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(drain, [f"w{n}" for n in range(4)]))

    assert sorted(id_ for share in shares for id_ in share) == sorted(ids)
    assert redis_store.run(calls.Statistics()).queues[0].running == 500


def test_what_redis_refuses_is_told_as_refused(redis_store: RedisStore, client: Any) -> None:
    client.set(f"{redis_store.partition}:queue:default:process:normal", "not a stream")

    with pytest.raises(StoreRefused, match="WRONGTYPE"):
        submit(redis_store)


def test_a_consumer_that_waits_gets_its_task_with_the_end_of_the_wait(redis_store: RedisStore) -> None:
    redis_store.run(calls.Register("w1", ("default",), 60.0, {}))
    claim = replace(calls.Claim.of("w1", ("default",)), own=True)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(redis_store.wait_and_claim, claim, 30.0)
        eventually(lambda: redis_store._client.info("clients")["blocked_clients"] == 1, within=5)
        (accepted,) = redis_store.run(calls.Submit((Submission(kind="demo.work", payload="{}"),)))

        (delivery,) = waiting.result(timeout=2)

    assert (delivery.id, delivery.fence) == (accepted.id, 1)


def test_a_wait_that_nothing_ends_claims_nothing(redis_store: RedisStore) -> None:
    redis_store.run(calls.Register("w1", ("default",), 60.0, {}))

    assert redis_store.wait_and_claim(replace(calls.Claim.of("w1", ("default",)), own=True), 0.01) == ()


def test_a_redis_that_has_forgotten_the_scripts_is_told_them_behind_the_wait(redis_store: RedisStore) -> None:
    redis_store.run(calls.Register("w1", ("default",), 60.0, {}))
    redis_store.run(calls.Submit((Submission(kind="demo.work", payload="{}"),)))
    redis_store._client.script_flush()

    assert len(redis_store.wait_and_claim(replace(calls.Claim.of("w1", ("default",)), own=True), 1.0)) == 1


def test_a_consumer_whose_lease_ended_while_it_waited_hears_of_it(redis_store: RedisStore) -> None:
    redis_store.run(calls.Register("w1", ("default",), 60.0, {}))
    redis_store.run(calls.HandOn("w1", "it left", blame=False, max_deaths=3))
    redis_store.run(calls.Submit((Submission(kind="demo.work", payload="{}"),)))

    with pytest.raises(LeaseLost):
        redis_store.wait_and_claim(replace(calls.Claim.of("w1", ("default",)), own=True), 1.0)
