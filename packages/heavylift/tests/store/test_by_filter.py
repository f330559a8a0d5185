"""Many dead letters at once, in portions."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from heavylift.outcome import Failed, Failure
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.by_filter import PORTION, SAMPLE, Tally, count_matching, discard_matching, replay_matching
from heavylift.store.calls import Call, DeadFilter, Ended
from heavylift.store.driving import drive, drive_async
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit

TORN = Failure("OSError", "it tore", retryable=True)
MANY = 2 * PORTION + 50
TORN_ONES = DeadFilter(fingerprint=TORN.fingerprint)


def die(store: RedisStore, count: int, error: Failure = TORN, **fields: Any) -> list[str]:
    """Let this many tasks fail."""
    register(store)
    ids = submit(store, count, **fields)
    deliveries = claim(store, count)
    store.run(calls.Complete(tuple(Ended(d.id, d.fence, Failed(error)) for d in deliveries)))
    return ids


def states(store: RedisStore, ids: list[str]) -> set[State | None]:
    records = (store.run(calls.Read(id_)) for id_ in ids)
    return {record.state if record else None for record in records}


@pytest.fixture
def asked() -> list[Call[Any]]:
    """Every call that was made of the store."""
    return []


def test_all_that_fit_are_replayed_and_no_call_has_more_than_a_portion(redis_store: RedisStore, asked: list[Call[Any]]) -> None:
    ids = die(redis_store, MANY)
    others = die(redis_store, 3, replace(TORN, fingerprint="another"))

    def run(call: Call[Any]) -> Any:
        asked.append(call)
        return redis_store.run(call)

    tally = drive(replay_matching(TORN_ONES), run)

    assert (tally.matched, tally.changed, tally.more) == (MANY, MANY, False)
    assert tally.sample == ids[:SAMPLE]
    assert states(redis_store, ids) == {State.QUEUED}
    assert states(redis_store, others) == {State.FAILED}
    assert {len(call.ids) for call in asked if isinstance(call, calls.Replay)} == {PORTION, 50}
    assert all(call.count <= PORTION for call in asked if isinstance(call, calls.FindDead))


def test_looking_changes_nothing(redis_store: RedisStore) -> None:
    ids = die(redis_store, MANY)

    tally = drive(count_matching(TORN_ONES), redis_store.run)

    assert tally == Tally(matched=MANY, changed=0, sample=ids[:SAMPLE], more=False, last_due=None)
    assert states(redis_store, ids) == {State.FAILED}


def test_discarding_deletes_all_that_fit(redis_store: RedisStore) -> None:
    ids = die(redis_store, MANY)

    assert drive(discard_matching(TORN_ONES), redis_store.run).changed == MANY

    assert states(redis_store, ids) == {None}
    assert drive(count_matching(DeadFilter()), redis_store.run).matched == 0


def test_a_limit_takes_the_earliest_deaths_and_says_that_there_is_more(redis_store: RedisStore) -> None:
    ids = die(redis_store, MANY)

    tally = drive(replay_matching(TORN_ONES, limit=PORTION + 7), redis_store.run)

    assert (tally.matched, tally.changed, tally.more) == (PORTION + 7, PORTION + 7, True)
    assert states(redis_store, ids[: PORTION + 7]) == {State.QUEUED}
    assert states(redis_store, ids[PORTION + 7 :]) == {State.FAILED}


def test_a_rate_is_kept_from_one_portion_to_the_next(redis_store: RedisStore) -> None:
    ids = die(redis_store, PORTION + 20)

    tally = drive(replay_matching(TORN_ONES, rate=2.0), redis_store.run)

    records = [redis_store.run(calls.Read(id_)) for id_ in ids]
    dues = [record.due_at for record in records if record and record.due_at]
    assert len(dues) == len(ids) - 1  # the first is due at once
    assert {later - earlier for earlier, later in itertools.pairwise(dues)} == {timedelta(seconds=0.5)}
    assert tally.last_due == dues[-1]


def test_what_dies_again_meanwhile_is_not_replayed_again(redis_store: RedisStore) -> None:
    ids = die(redis_store, PORTION + 50)

    def run(call: Call[Any]) -> Any:
        reply = redis_store.run(call)
        if isinstance(call, calls.Replay):  # somebody works on, and it fails as before
            deliveries = claim(redis_store, PORTION)
            redis_store.run(calls.Complete(tuple(Ended(d.id, d.fence, Failed(TORN)) for d in deliveries)))
        return reply

    assert drive(replay_matching(TORN_ONES), run).changed == len(ids)
    assert states(redis_store, ids) == {State.FAILED}


def test_what_somebody_else_replays_meanwhile_is_not_counted(redis_store: RedisStore) -> None:
    ids = die(redis_store, 20)

    def run(call: Call[Any]) -> Any:
        reply = redis_store.run(call)
        if isinstance(call, calls.FindDead):
            redis_store.run(calls.Replay(tuple(ids[:5])))
        return reply

    tally = drive(discard_matching(DeadFilter()), run)

    assert (tally.matched, tally.changed) == (20, 15)
    assert states(redis_store, ids[:5]) == {State.QUEUED}


def test_nothing_that_fits_is_nothing_done(redis_store: RedisStore) -> None:
    assert drive(replay_matching(TORN_ONES), redis_store.run) == Tally()


async def test_asyncio_code_drives_the_same_steps(redis_store: RedisStore, redis_server: Any, namespace: str) -> None:
    ids = die(redis_store, PORTION + 1)
    store = AsyncRedisStore.from_url(redis_server.url, namespace=namespace)

    tally = await drive_async(replay_matching(TORN_ONES), store.run)
    await store.close()

    assert tally.changed == len(ids)
