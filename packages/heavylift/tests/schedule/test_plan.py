"""What a schedule does at a time, and about those that it has missed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from heavylift.catalogue import Kind
from heavylift.record import Executor, Priority
from heavylift.retry import RetryPolicy
from heavylift.schedule import (
    LATE,
    MOST_AT_ONCE,
    KeptSchedule,
    Missed,
    Overlap,
    Schedule,
    Timing,
    plan_of,
    submission_of,
    task_id_at,
)

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _schedule(**fields: Any) -> Schedule:
    return Schedule(**({"name": "nightly", "kind": "demo.work", "timing": Timing(cron="* * * * *")} | fields))


def _kept(schedule: Schedule, created_at: datetime = NINE) -> KeptSchedule:
    return KeptSchedule(schedule=schedule, version=1, created_at=created_at, changed_at=created_at)


@pytest.mark.parametrize("missed", Missed)
def test_at_its_time_there_is_one_task_whatever_is_said_of_missed_ones(missed: Missed) -> None:
    plan = plan_of(_schedule(missed=missed), NINE, NINE + timedelta(seconds=2))

    assert (plan.dues, plan.missed, plan.following, plan.apart) == ((NINE,), 0, NINE + MINUTE, 60.0)


def test_of_missed_times_one_all_or_none_are_made_up_for() -> None:
    now = NINE + timedelta(minutes=3, seconds=30)

    assert plan_of(_schedule(missed=Missed.ONE), NINE, now).dues == (NINE + 3 * MINUTE,)
    assert plan_of(_schedule(missed=Missed.ALL), NINE, now).dues == tuple(NINE + n * MINUTE for n in range(4))
    assert plan_of(_schedule(missed=Missed.SKIP), NINE, now).dues == (NINE + 3 * MINUTE,), "which is late and not missed"
    hourly = _schedule(missed=Missed.SKIP, timing=Timing(cron="0 * * * *"))
    assert plan_of(hourly, NINE, now).dues == ()
    assert plan_of(hourly, NINE, NINE + timedelta(seconds=LATE)).dues == (NINE,)


def test_after_a_long_silence_a_hundred_are_made_up_for_at_most() -> None:
    plan = plan_of(_schedule(missed=Missed.ALL), NINE, NINE + timedelta(days=2))

    assert len(plan.dues) == MOST_AT_ONCE
    assert plan.dues[-1] == NINE + timedelta(days=2)
    assert plan.missed == 2 * 1440 + 1 - MOST_AT_ONCE


@pytest.mark.timeout(20)
def test_a_silence_of_years_is_no_reason_to_count_each_second_of_it() -> None:
    plan = plan_of(_schedule(timing=Timing(every=1)), NINE, NINE + timedelta(days=3650))

    assert plan.dues == (NINE + timedelta(days=3650),)


def test_what_has_come_to_its_end_does_not_come_again() -> None:
    plan = plan_of(_schedule(timing=Timing(cron="* * * * *", end=NINE)), NINE, NINE)

    assert (plan.dues, plan.following, plan.apart) == ((NINE,), None, 0.0)


@settings(max_examples=50, deadline=None)
@given(every=st.integers(1, 10_000), times=st.floats(0, 200), missed=st.sampled_from(Missed), begin=st.integers(0, 10**6))
def test_each_time_is_fired_or_missed_and_the_next_lies_ahead(every: int, times: float, missed: Missed, begin: int) -> None:
    schedule = _schedule(timing=Timing(every=every), missed=missed)
    due = schedule.timing.after(NINE + timedelta(seconds=begin))
    assert due is not None
    now = due + timedelta(seconds=times * every)

    plan = plan_of(schedule, due, now)

    came = [due + timedelta(seconds=every * number) for number in range((now - due) // timedelta(seconds=every) + 1)]
    assert set(plan.dues) <= set(came)
    assert len(plan.dues) + plan.missed == len(came)
    assert plan.following is not None
    assert now < plan.following <= now + timedelta(seconds=every)
    assert missed is Missed.SKIP or came[-1] in plan.dues


def test_the_task_of_a_time_has_one_id_and_another_has_another() -> None:
    kept = _kept(_schedule())
    id_ = task_id_at(kept, NINE)

    assert id_ == task_id_at(kept, NINE)
    others = [
        task_id_at(kept, NINE + MINUTE),
        task_id_at(_kept(_schedule(tenant="acme")), NINE),
        task_id_at(_kept(_schedule(name="daily")), NINE),
        task_id_at(_kept(_schedule(), NINE + MINUTE), NINE),
    ]
    assert len({id_, *others}) == 5
    assert id_[14] == "7"
    assert int(id_.replace("-", "")[:12], 16) == NINE.timestamp() * 1000


def test_the_task_is_what_its_kind_is_by_now_where_the_schedule_says_nothing_else() -> None:
    kind = Kind(
        name="demo.work", queue="mail", executor=Executor.ASYNCIO, priority=Priority.HIGH, retry=RetryPolicy(max_attempts=5)
    )
    schedule = _schedule(payload='{"n": 1}', tags=("a",), tenant="acme", expires=60.0)

    task = submission_of(schedule, task_id_at(_kept(schedule), NINE), NINE, kind)

    assert (task.queue, task.executor, task.priority, task.max_attempts) == ("mail", Executor.ASYNCIO, Priority.HIGH, 5)
    assert (task.payload, task.tags, task.tenant) == ('{"n": 1}', ("schedule:nightly", "a"), "acme")
    assert task.expires_at == NINE + MINUTE
    chosen = submission_of(replace(schedule, queue="own", priority=Priority.LOW), task.id, NINE, None)
    assert (chosen.queue, chosen.executor, chosen.priority, chosen.max_attempts) == ("own", Executor.PROCESS, Priority.LOW, 1)


def test_who_wants_no_overlap_has_a_unique_key_of_the_schedule() -> None:
    unique = [
        submission_of(_schedule(overlap=Overlap.SKIP, tenant=tenant), "", NINE, None).unique for tenant in ("", "acme", "acme")
    ]

    assert None not in unique
    assert unique[0] != unique[1] == unique[2]
    assert submission_of(_schedule(), "", NINE, None).unique is None


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(Missed), st.sampled_from(Overlap), st.booleans(), st.none() | st.sampled_from(Priority))
def test_a_schedule_is_read_as_it_was_written(missed: Missed, overlap: Overlap, paused: bool, priority: Priority | None) -> None:
    timing = Timing(every=90.5, timezone="Europe/Berlin", start=NINE, end=NINE + MINUTE)
    schedule = _schedule(timing=timing, missed=missed, overlap=overlap, paused=paused, priority=priority, tags=("a", "b"))

    assert Schedule.read(schedule.definition, schedule.payload) == schedule
    newer = schedule.definition.replace('"kind":', '"of a version to come":[1],"kind":')
    assert Schedule.read(newer, schedule.payload) == schedule
