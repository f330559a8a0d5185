"""Schedules are fired at their times, once each, by however many schedulers there are."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from heavylift.catalogue import Kind
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Standing
from heavylift.schedule import Missed, Overlap, Timing
from heavylift.store.calls import DropSchedule, List, Publish, Read
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Accepted, ScheduleFired, SchedulesLooked, ScheduleTrouble, StoreTrouble
from tests.support.eventually import eventually
from tests.support.scheduler_stage import kept, now_of, put, scheduler

DAY = 86_400.0


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A server that may be stopped, and keeps what it has."""
    with EmbeddedRedis(directory=tmp_path) as server:
        yield server


def _tasks(store: RedisStore) -> int:
    return len(store.run(List(count=200)).records)


def test_a_schedule_makes_a_task_at_each_of_its_times_and_tells_of_it(redis_store: RedisStore) -> None:
    redis_store.run(Publish((Kind(name="demo.work", queue="mail", executor=Executor.ASYNCIO),)))

    with scheduler(redis_store) as replica:
        put(redis_store, payload='{"n": 1}')
        eventually(lambda: kept(redis_store).fired, holds=lambda fired: fired >= 2)

    after = kept(redis_store)
    record = redis_store.run(Read(after.tasks[0].id))
    assert record is not None
    assert (record.kind, record.payload, record.queue, record.executor) == ("demo.work", '{"n": 1}', "mail", Executor.ASYNCIO)
    assert after.tasks[0].due is not None
    assert after.tasks[1].due is not None
    assert after.tasks[0].due - after.tasks[1].due >= timedelta(seconds=1)
    fired = replica.told(ScheduleFired)
    assert [event.made for event in fired] == [1] * after.fired
    assert all(0 <= event.late < 30 for event in fired)
    assert {event.task_id for event in replica.told(Accepted)} >= {task.id for task in after.tasks}
    assert replica.told(SchedulesLooked)


def test_a_sleeping_scheduler_is_woken_by_a_schedule_that_is_put(redis_store: RedisStore) -> None:
    put(redis_store, name="far", timing=Timing(every=DAY))
    with scheduler(redis_store) as replica:
        eventually(lambda: len(replica.told(SchedulesLooked)) >= 2)  # the second after it began to listen

        put(redis_store, ago=2.0)
        eventually(lambda: kept(redis_store).fired, within=4.0)  # sooner than it would have looked by itself


def test_several_schedulers_make_one_task_of_each_time(redis_store: RedisStore) -> None:
    with ExitStack() as running:
        replicas = [running.enter_context(scheduler(redis_store)) for _ in range(3)]
        names = [f"each-{number}" for number in range(10)]
        for name in names:
            put(redis_store, name=name, missed=Missed.ALL, ago=5.5)
        eventually(lambda: min(kept(redis_store, name).fired for name in names), holds=lambda fired: fired >= 6)

    fired = {name: kept(redis_store, name) for name in names}
    assert _tasks(redis_store) == sum(each.fired for each in fired.values())
    assert sum(event.made for replica in replicas for event in replica.told(ScheduleFired)) == _tasks(redis_store)
    for each in fired.values():
        dues = [task.due for task in each.tasks if task.due]
        assert len(set(dues)) == len(dues)


def test_a_dropped_schedule_makes_no_more_tasks(redis_store: RedisStore) -> None:
    put(redis_store, name="other")
    with scheduler(redis_store):
        put(redis_store)
        eventually(lambda: kept(redis_store).fired)
        redis_store.run(DropSchedule("", "nightly"))
        before = len(redis_store.run(List(tag="schedule:nightly")).records)
        seen = kept(redis_store, "other").fired
        eventually(lambda: kept(redis_store, "other").fired, holds=lambda fired: fired >= seen + 2)

    assert len(redis_store.run(List(tag="schedule:nightly")).records) == before


def test_while_its_task_has_not_ended_a_schedule_that_may_not_overlap_makes_none(redis_store: RedisStore) -> None:
    with scheduler(redis_store) as replica:
        put(redis_store, overlap=Overlap.SKIP)
        eventually(lambda: kept(redis_store).skipped, holds=lambda skipped: skipped >= 2)

    after = kept(redis_store)
    assert (after.fired, _tasks(redis_store)) == (1, 1)
    assert [task.standing for task in after.tasks].count(Standing.NEW) <= 1
    assert sum(event.taken for event in replica.told(ScheduleFired)) == after.skipped


def test_times_that_nobody_saw_are_made_up_for_as_the_schedule_says(redis_store: RedisStore) -> None:
    hourly = Timing(every=3600)
    for missed in Missed:
        put(redis_store, name=missed, timing=hourly, missed=missed, ago=10 * 3600.0)
    expected = {Missed.ONE: (1, 9), Missed.ALL: (10, 0)}

    with scheduler(redis_store):
        for missed in Missed:
            eventually(lambda name=missed: (each := kept(redis_store, name)).fired + each.missed, holds=lambda n: n >= 10)

    for missed, (fired, unseen) in expected.items():
        each = kept(redis_store, missed)
        assert (each.fired, each.missed) == (fired, unseen)
        assert each.next_at is not None
        assert each.next_at > now_of(redis_store)
    skipped = kept(redis_store, Missed.SKIP)
    assert skipped.fired + skipped.missed == 10
    assert skipped.fired <= 1, "only at the very beginning of an hour one of them is late and not missed"


def test_one_that_cannot_be_fired_does_not_hold_up_the_others(redis_store: RedisStore) -> None:
    for name, damaged in (("unreadable", {"definition": "of a version to come"}), ("unfirable", {"fired": "many"})):
        broken = put(redis_store, name=name, ago=3600.0, timing=Timing(every=60), kind=name)
        redis_store._client.hset(f"{redis_store.partition}:schedule:{broken.schedule.place}", mapping=damaged)

    with scheduler(redis_store) as replica:
        put(redis_store)
        eventually(lambda: kept(redis_store).fired, holds=lambda fired: fired >= 2)

    assert {event.schedule for event in replica.told(ScheduleTrouble)} == {"unreadable", "unfirable"}


def test_while_redis_is_away_nothing_is_fired_and_after_that_it_goes_on(own_server: EmbeddedRedis) -> None:
    with RedisStore.from_url(own_server.url, timeout=1.0) as store, scheduler(store) as replica:
        put(store)
        eventually(lambda: kept(store).fired)
        own_server.stop()
        eventually(lambda: replica.told(StoreTrouble))
        before = len(replica.told(ScheduleFired))

        own_server.start()
        eventually(lambda: len(replica.told(ScheduleFired)), holds=lambda fired: fired > before, within=20)

        assert replica.scheduler.faults() == []
        assert kept(store).fired == _tasks(store)


def test_one_that_redis_never_answered_says_so_and_can_be_stopped(own_server: EmbeddedRedis) -> None:
    own_server.stop()
    with RedisStore.from_url(own_server.url, timeout=0.5) as store, scheduler(store) as replica:
        eventually(lambda: replica.told(StoreTrouble))

        (fault,) = replica.scheduler.faults()
        assert fault.startswith("Redis has not answered yet: ")
    assert "heavylift-bell" not in {thread.name for thread in threading.enumerate()}
