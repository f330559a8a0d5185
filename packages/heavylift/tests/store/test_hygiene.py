"""What Redis keeps is bounded by what is alive and by what is kept for its time, never by the names that came by."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import redis

from heavylift.idempotency import Unique
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure
from heavylift.record import Submission
from heavylift.store import calls
from heavylift.store.calls import Ended, Limits, Swept
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually

NAMES = 10_000
BATCH = 500
TORN = Failure("OSError", "it tore", retryable=True)
AT_ONCE = Limits(retention=0.001, dead_retention=0.001)


@pytest.fixture
def own_server() -> Iterator[EmbeddedRedis]:
    """A server in which nobody else keeps keys."""
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture
def store(own_server: EmbeddedRedis) -> Iterator[RedisStore]:
    with RedisStore.from_url(own_server.url, namespace="mine") as store:
        yield store


@pytest.fixture
def keys(own_server: EmbeddedRedis) -> Iterator[Any]:
    """Redis past the store."""
    with redis.Redis.from_url(own_server.url, decode_responses=True) as client:
        yield client


def sweep(store: RedisStore) -> Swept:
    """Sweep until there is nothing more, as upkeep does; the sum."""
    swept = store.run(calls.Sweep())
    total = swept
    while swept.more:
        swept = store.run(calls.Sweep())
        total = replace(total, indexes=total.indexes + swept.indexes, queues=total.queues + swept.queues)
    return total


def left(keys: Any) -> set[str]:
    """The keys that are there, without those of records whose time is just up."""
    eventually(lambda: sum(1 for _ in keys.scan_iter(match="mine:{p0}:task:*", count=1000)), holds=lambda n: n == 0)
    return {key.removeprefix("mine:{p0}:") for key in keys.scan_iter(count=1000)}


def test_ten_thousand_tags_kinds_and_queues_leave_almost_no_keys(store: RedisStore, keys: Any) -> None:
    ids: list[str] = []
    for start in range(0, NAMES, BATCH):
        tasks = tuple(
            Submission(kind=f"shop.{n}", payload="{}", queue=f"queue-{n}", tags=(f"order:{n}", "nightly"))
            for n in range(start, start + BATCH)
        )
        ids += [accepted.id for accepted in store.run(calls.Submit(tasks))]
    assert keys.dbsize() > 4 * NAMES

    store.limits = AT_ONCE
    for start in range(0, NAMES, BATCH):
        store.run_all([calls.Cancel(id_) for id_ in ids[start : start + BATCH]])
    eventually(lambda: keys.exists(*(f"mine:{{p0}}:task:{id_}" for id_ in ids[-BATCH:])), holds=lambda n: n == 0)
    swept = sweep(store)

    assert swept.queues == NAMES
    assert swept.indexes >= 3 * NAMES
    assert left(keys) <= {"seq", "index:all:", "index:state:cancelled", "index:tag:nightly", "indexes"}
    assert keys.zcard("mine:{p0}:indexes") <= 1


def test_ten_thousand_unique_keys_leave_almost_no_keys(store: RedisStore, keys: Any) -> None:
    store.limits = AT_ONCE
    ids: list[str] = []
    for start in range(0, NAMES, BATCH):
        tasks = tuple(Submission(kind="shop", payload="{}", unique=Unique(f"{n}")) for n in range(start, start + BATCH))
        ids += [accepted.id for accepted in store.run(calls.Submit(tasks))]
    assert keys.dbsize() > 2 * NAMES

    for start in range(0, NAMES, BATCH):
        store.run_all([calls.Cancel(id_) for id_ in ids[start : start + BATCH]])
    eventually(lambda: keys.exists(*(f"mine:{{p0}}:task:{id_}" for id_ in ids[-BATCH:])), holds=lambda n: n == 0)
    sweep(store)

    assert not [key for key in left(keys) if "unique" in key]


def test_a_tag_that_is_always_in_use_is_swept_of_what_is_gone_and_stays(store: RedisStore, keys: Any) -> None:
    gone = submit(store, 20, tags=("nightly",))
    store.limits = AT_ONCE
    store.run_all([calls.Cancel(id_) for id_ in gone])
    (live,) = submit(store, tags=("nightly",))
    eventually(lambda: keys.exists(*(f"mine:{{p0}}:task:{id_}" for id_ in gone)), holds=lambda n: n == 0)
    sweep(store)

    assert keys.zrange("mine:{p0}:index:tag:nightly", 0, -1) == [live]
    assert keys.zscore("mine:{p0}:indexes", "tag:nightly") is not None  # it will be looked at again


def test_an_index_is_announced_once_and_again_after_it_was_swept(store: RedisStore, keys: Any) -> None:
    def announced() -> set[str]:
        return set(keys.zrange("mine:{p0}:indexes", 0, -1))

    (first,) = submit(store, tags=("a",))
    made = keys.zscore("mine:{p0}:indexes", "tag:a")
    submit(store, tags=("a",))
    assert announced() == {"tag:a", "kind:demo.work", "queue:default"}
    assert keys.zscore("mine:{p0}:indexes", "tag:a") == made

    submit(store, tags=("b",))
    assert announced() == {"tag:a", "tag:b", "kind:demo.work", "queue:default"}
    assert first


def test_ten_thousand_dead_letters_of_as_many_faults_leave_no_keys(store: RedisStore, keys: Any) -> None:
    register(store)
    for start in range(0, NAMES, BATCH):
        submit(store, BATCH)
        ends = [
            Ended(d.id, d.fence, Failed(replace(TORN, fingerprint=f"{start + n:016x}")))
            for n, d in enumerate(claim(store, BATCH))
        ]
        store.run(calls.Complete(tuple(ends)))
    assert keys.zcard("mine:{p0}:dead:groups") == NAMES

    store.limits = AT_ONCE
    sweep(store)

    of_the_dead = {key for key in left(keys) if key.startswith(("dead", "history", "index:tag", "index:kind"))}
    assert of_the_dead == set()


def test_a_call_looks_at_a_bounded_number_of_dead_letters(store: RedisStore) -> None:
    register(store)
    for queue_of in range(3):
        submit(store, BATCH)
        ended = [Ended(d.id, d.fence, Failed(TORN)) for d in claim(store, BATCH)]
        ended[-1] = replace(ended[-1], outcome=Failed(replace(TORN, fingerprint=f"{queue_of:016x}")))
        store.run(calls.Complete(tuple(ended)))

    # Two groups fit each, so the dead are looked through; those that fit lie far apart.
    found = store.run(calls.FindDead(calls.DeadFilter(kind="demo.work"), count=2000))
    assert len(found.ids) == 1000
    rest = store.run(calls.FindDead(calls.DeadFilter(kind="demo.work"), count=2000, cursor=found.cursor, horizon=found.latest))
    assert (len(rest.ids), rest.cursor) == (500, None)


def test_a_record_that_somebody_deleted_by_hand_does_no_harm(store: RedisStore, keys: Any) -> None:
    register(store)
    deleted, kept = submit(store, 2)
    store.run(calls.Complete(tuple(Ended(d.id, d.fence, Failed(TORN)) for d in claim(store, 2))))
    keys.delete(f"mine:{{p0}}:task:{deleted}")

    assert [record.id for record in store.run(calls.DeadLetters()).records] == [kept]
    assert store.run(calls.Replay((deleted, kept))).tasks[0] is None
    store.limits = AT_ONCE
    sweep(store)
    assert store.run(calls.FindDead()).ids == ()
    assert store.run(calls.DeadGroups()).groups == ()


def test_however_many_watch_a_record_its_list_is_bounded_and_the_newest_hear_of_the_end(store: RedisStore, keys: Any) -> None:
    (id_,) = submit(store)
    for n in range(500):
        store.run(calls.Read(id_, watch=f"mine:{{p0}}:ended:{n:012x}"))

    watchers = keys.hget(f"mine:{{p0}}:task:{id_}", "watchers").split()

    assert [int(channel.rpartition(":")[2], 16) for channel in watchers] == list(range(468, 500))
    store.run(calls.Read(id_, watch=watchers[0]))
    assert keys.hget(f"mine:{{p0}}:task:{id_}", "watchers").split() == watchers
