"""Schedules: put by their version, fired once for each time by whoever comes first, dropped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from heavylift.errors import QueueFull
from heavylift.outcome import Succeeded
from heavylift.record import Accepted, Durability, Standing
from heavylift.schedule import KeptSchedule, Overlap, Schedule, Timing, submission_of, task_id_at
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import ScheduleStanding

Put = Callable[..., KeptSchedule]

AGO = -10.0  # seconds from now, to the time that has come
AHEAD = 3600.0


def _schedule(**fields: Any) -> Schedule:
    return Schedule(**({"name": "nightly", "kind": "demo.work", "timing": Timing(every=3600)} | fields))


def _moment(subject: Any, seconds: float) -> datetime:
    now: datetime = subject.now()
    return (now + timedelta(seconds=seconds)).replace(microsecond=0)


@pytest.fixture
def put(subject: Any) -> Put:
    """Puts a schedule whose time has come."""

    def put(seconds: float | None = AGO, **fields: Any) -> KeptSchedule:
        next_at = None if seconds is None else _moment(subject, seconds)
        kept: KeptSchedule | None = subject.run(calls.PutSchedule(_schedule(**fields), next_at, 3600.0)).kept
        assert kept is not None
        return kept

    return put


def _fire(subject: Any, kept: KeptSchedule, *, times: int = 1, following: float | None = AHEAD, **fields: Any) -> Any:
    assert kept.next_at is not None
    dues = tuple(kept.next_at + timedelta(seconds=number) for number in range(times))
    tasks = tuple(submission_of(kept.schedule, task_id_at(kept, due), kept.next_at, None) for due in dues)
    next_at = None if following is None else _moment(subject, following)
    return subject.run(calls.Fire(kept=kept, due=kept.next_at, tasks=tasks, dues=dues, following=next_at, **fields))


def _trigger(subject: Any, kept: KeptSchedule) -> Any:
    task = submission_of(kept.schedule, task_id_at(kept, subject.now()), subject.now(), None)
    return subject.run(calls.Fire(kept=kept, due=None, tasks=(task,), dues=(None,)))


def _read(subject: Any, name: str = "nightly", tenant: str = "") -> KeptSchedule:
    (kept,) = subject.run(calls.ReadSchedule(tenant, name)).schedules
    assert isinstance(kept, KeptSchedule)
    return kept


def test_a_schedule_is_kept_as_it_was_put(subject: Any, put: Put) -> None:
    next_at = _moment(subject, AHEAD)
    kept = put(AHEAD, payload='{"größe": 1.10}', tags=("a",), tenant="acme")

    assert kept.schedule == _schedule(payload='{"größe": 1.10}', tags=("a",), tenant="acme")
    assert (kept.next_at, kept.last_at, kept.tasks) == (next_at, None, ())
    assert _read(subject, tenant="acme") == kept
    assert subject.run(calls.ReadSchedule("", "nightly")).schedules == ()


def test_each_change_makes_another_version_and_saying_the_same_again_makes_none(subject: Any, put: Put) -> None:
    first = put()
    assert first.next_at is not None
    assert subject.run(calls.PutSchedule(first.schedule, first.next_at, 3600.0)).kept == first

    paused = subject.run(calls.PutSchedule(first.schedule.with_pause(paused=True), None, known=first.version)).kept

    assert paused.version > first.version
    assert (paused.next_at, paused.created_at) == (None, first.created_at)


def test_who_knows_another_version_changes_nothing(subject: Any, put: Put) -> None:
    first = put()
    second = put(AHEAD)

    for known in (first.version, calls.NONE):
        refused = subject.run(calls.PutSchedule(_schedule(payload="[]"), None, known=known))
        assert refused == calls.ScheduleReply(ScheduleStanding.CHANGED)
    assert subject.run(calls.DropSchedule("", "nightly", first.version)) == calls.ScheduleReply(ScheduleStanding.CHANGED)
    assert _read(subject) == second
    made = subject.run(calls.PutSchedule(_schedule(name="new"), None, known=first.version))
    assert made.standing is ScheduleStanding.CHANGED, "there is none of any version"


def test_schedules_are_listed_by_name_without_their_payloads_and_within_reach(subject: Any, put: Put) -> None:
    for name, tenant in (("b", ""), ("a", ""), ("c", "acme")):
        put(None if name == "a" else AHEAD, name=name, tenant=tenant, payload='{"secret": 1}')

    def names(reach: str | None) -> list[str]:
        listed = subject.run(calls.ReadSchedules(reach)).schedules
        assert all(kept.schedule.payload == "{}" for kept in listed)
        return [kept.schedule.name for kept in listed]

    assert (names(None), names(""), names("acme"), names("ac")) == (["a", "b", "c"], ["a", "b"], ["c"], [])


def test_what_has_come_is_due_the_longest_ago_first_and_the_next_is_foretold(subject: Any, put: Put) -> None:
    put(-5.0, name="later")
    put(-50.0, name="earlier")
    put(None, name="paused", paused=True)
    put(AHEAD, name="ahead")

    reply = subject.run(calls.DueSchedules())

    assert [kept.schedule.name for kept in reply.due] == ["earlier", "later"]
    assert AHEAD - 60 < reply.until_next <= AHEAD
    assert len(subject.run(calls.DueSchedules(1)).due) == 1


def test_firing_makes_the_task_and_sets_the_next_time_in_one_step(subject: Any, put: Put) -> None:
    kept = put(payload='{"n": 1}', queue="mail", tenant="acme")

    (accepted,) = _fire(subject, kept, missed=3)

    assert (accepted.standing, accepted.state) == (Standing.NEW, State.QUEUED)
    record = subject.record(accepted.id)
    assert (record.payload, record.queue, record.tenant, record.tags) == ('{"n": 1}', "mail", "acme", ("schedule:nightly",))
    after = _read(subject, tenant="acme")
    assert after.next_at is not None
    assert after.next_at > subject.now()
    assert (after.fired, after.missed, after.skipped, after.last_at) == (1, 3, 0, kept.next_at)
    assert [(task.id, task.standing, task.due) for task in after.tasks] == [(accepted.id, Standing.NEW, kept.next_at)]
    assert after.version == kept.version


def test_of_several_who_fire_the_same_time_one_does(subject: Any, put: Put) -> None:
    kept = put()

    answers = [_fire(subject, kept) for _ in range(3)]

    assert [answer is None for answer in answers] == [False, True, True]
    assert _read(subject).fired == 1
    assert subject.counts().submitted == 1


def test_what_was_fired_and_forgotten_is_fired_again_under_the_same_id_and_makes_no_second_task(subject: Any, put: Put) -> None:
    kept = put()
    (first,) = _fire(subject, kept)

    again = subject.run(calls.PutSchedule(kept.schedule, kept.next_at, 3600.0)).kept  # as if a failover had taken it back
    (second,) = _fire(subject, again)

    assert (second.id, second.standing) == (first.id, Standing.KNOWN)
    assert subject.counts().submitted == 1


def test_a_schedule_that_was_changed_paused_or_dropped_meanwhile_does_not_fire(subject: Any, put: Put) -> None:
    kept = put()
    put(payload='{"n": 2}')
    assert _fire(subject, kept) is None

    put(None, paused=True)
    assert _fire(subject, kept) is None

    subject.run(calls.DropSchedule("", "nightly"))
    assert _fire(subject, kept) is None
    subject.elapse(0.002)
    put()
    assert _fire(subject, kept) is None, "another has its name"


def test_what_is_over_stays_and_is_not_due(subject: Any, put: Put) -> None:
    assert _fire(subject, put(), following=None) is not None

    assert subject.run(calls.DueSchedules()).due == ()
    assert subject.run(calls.DueSchedules()).until_next is None
    assert _read(subject).next_at is None


def test_several_missed_times_make_a_task_each_and_the_last_five_are_remembered(subject: Any, put: Put) -> None:
    kept = put()

    answers = _fire(subject, kept, times=7)

    assert len({accepted.id for accepted in answers}) == 7
    after = _read(subject)
    assert [task.id for task in after.tasks] == [accepted.id for accepted in reversed(answers)][:5]
    assert after.last_at == kept.next_at + timedelta(seconds=6) if kept.next_at else False


def test_missed_times_may_make_no_task_at_all(subject: Any, put: Put) -> None:
    assert _fire(subject, put(), times=0, missed=4) == ()

    after = _read(subject)
    assert (after.missed, after.last_at, after.fired) == (4, None, 0)
    assert after.next_at is not None


def test_while_a_task_has_not_ended_one_that_may_not_overlap_is_skipped(subject: Any, put: Put) -> None:
    subject.register()
    kept = put(overlap=Overlap.SKIP)
    (first,) = _fire(subject, kept, following=AGO + 1)

    (held,) = _fire(subject, _read(subject), following=AGO + 2)
    subject.end(subject.claim()[0], Succeeded("1"))
    (second,) = _fire(subject, _read(subject))

    assert (held.id, held.standing) == (first.id, Standing.EXISTING)
    assert second.standing is Standing.NEW
    after = _read(subject)
    assert (after.fired, after.skipped) == (2, 1)
    assert [task.standing for task in after.tasks] == [Standing.NEW, Standing.EXISTING, Standing.NEW]


def test_triggering_makes_a_task_besides_and_leaves_the_times_alone(subject: Any, put: Put) -> None:
    kept = put(None, paused=True)

    (accepted,) = _trigger(subject, kept)

    after = _read(subject)
    assert (after.next_at, after.last_at, after.fired) == (None, None, 1)
    assert [(task.id, task.due) for task in after.tasks] == [(accepted.id, None)]
    assert _trigger(subject, replace(kept, version=1)) is None


def test_dropping_leaves_the_tasks(subject: Any, put: Put) -> None:
    kept = put()
    (accepted,) = _fire(subject, kept)

    dropped = subject.run(calls.DropSchedule("", "nightly", kept.version))

    assert dropped.standing is ScheduleStanding.DROPPED
    assert dropped.kept.schedule == kept.schedule
    assert subject.state(accepted.id) is State.QUEUED
    assert subject.run(calls.DropSchedule("", "nightly")) == calls.ScheduleReply(ScheduleStanding.NONE)


def test_while_its_queue_is_full_a_schedule_waits_with_all_that_it_would_do(subject: Any, put: Put) -> None:
    kept = put(queue="small")
    subject.submit(queue="small")
    assert subject.run(calls.LimitQueue("small", 2))

    for times in (1, 2):
        if times == 1:
            subject.submit(queue="small")
        with pytest.raises(QueueFull):
            _fire(subject, kept, times=times)
        assert _read(subject) == kept

    subject.run(calls.LimitQueue("small", 3))
    (accepted,) = _fire(subject, kept)
    assert [task.id for task in _read(subject).tasks] == [accepted.id]


def test_what_comes_within_the_horizon_is_foreseen_as_often_as_it_comes(subject: Any, put: Put) -> None:
    put(10.0, name="soon", queue="mail", kind="mail.send")
    put(AHEAD * 2, name="later")
    put(None, name="paused", paused=True)
    each_hour = put(20.0, name="often")

    one, often = subject.run(calls.Workload(60.0)).foreseen
    (_, several, _) = subject.run(calls.Workload(AHEAD * 2)).foreseen

    assert (one.queue, one.kind, one.tasks) == ("mail", "mail.send", 1)
    assert (often.queue, often.kind, often.tasks, often.at) == ("default", "demo.work", 1, each_hour.next_at)
    assert several.tasks == 2, "they are an hour apart"
    assert subject.run(calls.Workload(0.0)).foreseen == ()


def test_where_nobody_would_confirm_a_task_nothing_is_fired(subject: Any, put: Put) -> None:
    kept = put()

    (refused,) = subject.run_all([_durable(subject, kept)])

    assert not isinstance(refused, (tuple, Accepted))
    assert _read(subject) == kept


def _durable(subject: Any, kept: KeptSchedule) -> calls.Fire:
    assert kept.next_at is not None
    task = submission_of(kept.schedule, task_id_at(kept, kept.next_at), kept.next_at, None)
    return calls.Fire(kept=kept, due=kept.next_at, tasks=(task,), dues=(kept.next_at,), durability=Durability.REPLICA)
