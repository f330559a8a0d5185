"""Many tasks that have not ended at once, in portions."""

from datetime import timedelta
from typing import Any

from heavylift.state import State
from heavylift.store import calls
from heavylift.store.by_filter import PORTION, SAMPLE
from heavylift.store.calls import Call, List
from heavylift.store.driving import drive
from heavylift.store.live_by_filter import CANCELLABLE, cancel_matching, count_live, hasten_matching
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit

MANY = 2 * PORTION + 50
MOST = 100_000


def states(store: RedisStore, ids: list[str]) -> set[State]:
    records = [store.run(calls.Read(id_)) for id_ in ids]
    return {record.state for record in records if record}


def test_all_that_fit_are_called_off_and_no_call_has_more_than_a_portion(redis_store: RedisStore) -> None:
    asked: list[Call[Any]] = []
    ids, others = submit(redis_store, MANY, kind="mail.welcome"), submit(redis_store, 3)

    def run(call: Call[Any]) -> Any:
        asked.append(call)
        return redis_store.run(call)

    tally = drive(cancel_matching(List(kind="mail.welcome"), limit=MOST), run)

    assert (tally.matched, tally.changed, tally.more, tally.states) == (MANY, MANY, False, {State.CANCELLED: MANY})
    assert tally.sample == ids[: -SAMPLE - 1 : -1]
    assert (states(redis_store, ids), states(redis_store, others)) == ({State.CANCELLED}, {State.QUEUED})
    assert {len(call.ids) for call in asked if isinstance(call, calls.CancelMany)} == {PORTION, 50}


def test_what_runs_is_asked_to_end_and_what_waits_is_called_off(redis_store: RedisStore) -> None:
    (running,) = submit(redis_store)
    register(redis_store)
    claim(redis_store)
    waiting = submit(redis_store, 2) + submit(redis_store, 3, delay=60)

    tally = drive(cancel_matching(List(), limit=MOST), redis_store.run)

    assert (tally.changed, tally.states) == (6, {State.CANCELLED: 5, State.RUNNING: 1})
    assert states(redis_store, waiting) == {State.CANCELLED}
    record = redis_store.run(calls.Read(running))
    assert record is not None
    assert record.cancel_requested
    again = drive(cancel_matching(List(), limit=MOST), redis_store.run)
    assert (again.matched, again.changed) == (1, 0), "only what still runs is there, and it was asked"


def test_what_waits_for_its_time_begins_and_nothing_else_is_touched(redis_store: RedisStore) -> None:
    late, other = submit(redis_store, 3, delay=60, queue="mail"), submit(redis_store, delay=60)

    tally = drive(hasten_matching(List(queue="mail"), limit=MOST), redis_store.run)

    assert (tally.matched, tally.changed, tally.states) == (3, 3, {State.QUEUED: 3})
    assert (states(redis_store, late), states(redis_store, other)) == ({State.QUEUED}, {State.SCHEDULED})


def test_a_limit_bounds_them_over_all_states_and_a_count_does_nothing(redis_store: RedisStore) -> None:
    ids = submit(redis_store, 3, delay=60) + submit(redis_store, 3)

    counted = drive(count_live(List(), CANCELLABLE, limit=MOST), redis_store.run)
    tally = drive(cancel_matching(List(), limit=4), redis_store.run)

    assert (counted.matched, counted.changed, counted.more) == (6, 0, False)
    assert (tally.matched, tally.changed, tally.more) == (4, 4, True)
    assert sum(redis_store.run(calls.Read(id_)).state is State.CANCELLED for id_ in ids) == 4  # type: ignore[union-attr]


def test_times_of_submission_select(redis_store: RedisStore) -> None:
    (id_,) = submit(redis_store)
    record = redis_store.run(calls.Read(id_))
    assert record is not None
    moment, later = record.submitted_at, record.submitted_at + timedelta(milliseconds=1)

    def found(**times: Any) -> tuple[str, ...]:
        page = redis_store.run(calls.List(**times))
        assert [shown.id for shown in page.records] == list(redis_store.run(calls.FindTasks(calls.List(**times))).ids)
        return tuple(shown.id for shown in page.records)

    assert found(submitted_after=moment) == found(submitted_before=later) == (id_,)
    assert found(submitted_after=later) == found(submitted_before=moment) == ()
    assert found(submitted_after=moment, submitted_before=later, kind="demo.work") == (id_,)
