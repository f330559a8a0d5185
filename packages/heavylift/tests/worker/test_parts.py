"""The small parts of the worker, each by itself."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from celery import states
from celery.exceptions import Ignore, Reject, SoftTimeLimitExceeded
from celery.exceptions import Retry as CeleryRetry

from heavylift.errors import (
    PayloadInvalid,
    PermanentError,
    StoreUnavailable,
    TaskTimeout,
    TemporaryError,
    Undecodable,
    UnknownKind,
)
from heavylift.outcome import Failed, Retry, Succeeded
from heavylift.record import Submission, new_task_id
from heavylift.state import FailureReason
from heavylift.store.calls import Claim, Complete, Ended, FindDead, Limits, Read, Register, Submit
from heavylift.store.memory import MemoryStore
from heavylift.telemetry import Event, Promoted, Reporter, StoreTrouble, TasksClaimed, TasksHandedOn
from heavylift.worker.loop import Loop
from heavylift.worker.outcomes import decide, describe, failed
from heavylift.worker.reports import Reports
from heavylift.worker.slots import Running, Slots
from heavylift.worker.upkeep import PROMOTE_EVERY, SWEEP_EVERY, Upkeep
from tests.support.eventually import eventually

CLAIMED = TasksClaimed(kind="a.b", queue="default", redelivered=False, waits=(0.25,))


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def test_slots_are_seen_by_the_process_that_made_them() -> None:
    slots = Slots(2)
    running = Running(new_task_id(), 7, 1234.5)

    pid = os.fork()
    if pid == 0:
        slots.begin(1, running)
        os._exit(0)
    os.waitpid(pid, 0)

    assert slots.read(0) is None
    assert slots.read(1) == running
    slots.end(1)
    assert slots.read(1) is None


def test_what_a_child_has_lost_is_seen_until_it_runs_something_else() -> None:
    slots, lost, next_one = Slots(2), Running("lost", 1, 1.0), Running("next", 1, 2.0)
    slots.begin(1, lost)
    slots.lose(1)

    assert slots.read(1) == replace(lost, lost=True)
    slots.end(1)
    slots.begin(1, next_one)
    assert slots.read(1) == next_one


def test_a_child_that_says_in_the_slots_that_it_leaves_is_forgotten_with_its_row() -> None:
    slots = Slots(2)
    slots.begin(1, Running("a task", 7, 1234.5))
    slots.leave(1)
    assert (slots.leaves(0), slots.leaves(1)) == (False, True)

    slots.clear(1)

    assert (slots.read(1), slots.leaves(1)) == (None, False)


def test_reports_cross_from_a_child_and_a_full_socket_drops_them_without_waiting() -> None:
    reports = Reports()
    heard: list[Event] = []
    try:
        pid = os.fork()
        if pid == 0:
            reports.gather(CLAIMED)
            reports.gather(CLAIMED)
            reports.send()
            os._exit(0)
        os.waitpid(pid, 0)
        reports.receive(heard.append, within=1.0)
        for _ in range(200_000):
            reports.gather(CLAIMED)
    finally:
        reports.close()

    assert heard == [CLAIMED, CLAIMED]
    assert reports.dropped > 0


def test_a_duty_goes_on_after_trouble_and_after_a_mistake() -> None:
    heard: list[Event] = []
    calls: list[int] = []

    def body() -> float:
        calls.append(1)
        if len(calls) == 1:
            raise StoreUnavailable
        return 0.0

    loop = Loop("duty", body, Reporter(heard.append))
    loop.start()
    eventually(lambda: len(calls) > 3, claim="more calls")
    loop.stop()

    assert isinstance(heard[0], StoreTrouble)
    assert (heard[0].component, heard[0].error_type) == ("duty", "StoreUnavailable")


@pytest.mark.parametrize(
    ("state", "error", "outcome"),
    [
        (states.RETRY, CeleryRetry(exc=ValueError("no"), when=3), Retry(3.0, describe(ValueError("no")))),
        (states.RETRY, CeleryRetry(exc=ValueError("no"), when=None), Retry(0.0, describe(ValueError("no")))),
        (states.FAILURE, PermanentError("never"), Failed(describe(PermanentError("never")), FailureReason.PERMANENT)),
        (states.IGNORED, Ignore(), Succeeded("null")),
        (states.REJECTED, Reject("later", requeue=True), Retry(0.0, describe(Reject("later", requeue=True)))),
        (states.REJECTED, Reject("no"), Failed(describe(Reject("no")), FailureReason.PERMANENT)),
        (states.FAILURE, OSError("gone"), Failed(describe(OSError("gone")), FailureReason.EXHAUSTED)),
    ],
)
def test_every_end_that_celery_knows_is_an_outcome(state: str, error: Exception, outcome: object) -> None:
    assert decide(state, error) == outcome


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no"), FailureReason.EXHAUSTED),
        (TemporaryError("not yet"), FailureReason.EXHAUSTED),
        (PermanentError("never"), FailureReason.PERMANENT),
        (PayloadInvalid("width: too small"), FailureReason.PERMANENT),
        (SystemExit(3), FailureReason.PERMANENT),
        (TaskTimeout(), FailureReason.TIMED_OUT),
        (SoftTimeLimitExceeded(), FailureReason.TIMED_OUT),
        (Undecodable(), FailureReason.UNDECODABLE),
        (UnknownKind("the task itself asked for a kind that nobody knows"), FailureReason.PERMANENT),
    ],
)
def test_the_last_error_says_why_there_is_no_other_attempt(error: BaseException, reason: FailureReason) -> None:
    assert failed(error).reason is reason


def test_an_error_that_cannot_be_written_is_described_all_the_same() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    assert describe(Mute()).message == "Mute"


def test_a_retry_at_a_point_in_time_becomes_a_pause() -> None:
    outcome = decide(states.RETRY, CeleryRetry(exc=ValueError("no"), when=datetime.now(UTC) + timedelta(seconds=60)))

    assert isinstance(outcome, Retry)
    assert 58 < outcome.delay <= 60


def test_an_error_is_described_for_people_and_for_programs() -> None:
    with pytest.raises(PermanentError) as raised:
        raise PermanentError("the widget is broken")
    failure = describe(raised.value)

    assert (failure.type, failure.message, failure.retryable) == ("PermanentError", "the widget is broken", False)
    assert failure.traceback is not None
    assert "test_parts.py" in failure.traceback
    assert len(describe(ValueError("x" * 100_000)).message) == 2_000


def make_upkeep(store: MemoryStore, heard: list[Event]) -> Upkeep:
    return Upkeep(store, Reporter(heard.append), kinds=(), lease=15, max_deliveries=3)  # type: ignore[arg-type]


def test_upkeep_sleeps_until_the_next_task_is_due_and_no_longer_than_its_promise() -> None:
    clock, heard = Clock(), list[Event]()
    store = MemoryStore(now=clock.now)
    upkeep = make_upkeep(store, heard)
    assert upkeep.promote() == PROMOTE_EVERY

    store.run(Submit((Submission(kind="a.b", payload="{}", delay=10.0),)))
    assert upkeep.promote() == PROMOTE_EVERY
    clock.advance(9.97)
    assert upkeep.promote() == pytest.approx(0.03)
    clock.advance(0.03)
    upkeep.promote()

    assert heard == [Promoted(due=1, expired=0)]


def test_upkeep_sweeps_until_there_is_nothing_more() -> None:
    clock = Clock()
    store = MemoryStore(now=clock.now, limits=Limits(dead_retention=60.0))
    upkeep = make_upkeep(store, [])
    store.run(Register("c", ("default",), 15, {}))
    store.run(Submit(tuple(Submission(kind="a.b", payload="{}") for _ in range(300))))
    deliveries = store.run(Claim.of("c", ("default",), count=300))
    store.run(Complete(tuple(Ended(d.id, d.fence, failed(ValueError("no"))) for d in deliveries)))
    assert upkeep.sweep() == SWEEP_EVERY
    assert len(store.run(FindDead()).ids) == 300

    clock.advance(61.0)
    assert (upkeep.sweep(), upkeep.sweep()) == (0.0, SWEEP_EVERY)

    assert store.run(FindDead()).ids == ()


def test_upkeep_hands_on_what_the_dead_held() -> None:
    clock, heard = Clock(), list[Event]()
    store = MemoryStore(now=clock.now)
    upkeep = make_upkeep(store, heard)
    submission = Submission(kind="a.b", payload="{}")
    store.run(Submit((submission,)))
    store.run(Register("c", ("default",), 15, {}))
    store.run(Claim.of("c", ("default",)))

    for _ in range(32):  # the first reap in a long time takes nothing for a lease; the dead one's lease has ended by then
        clock.advance(upkeep.reap())

    assert heard == [TasksHandedOn(consumer="c", cause="its lease ended", requeued=(submission.id,), buried=())]
    record = store.run(Read(submission.id))
    assert record is not None
    assert record.deaths == 1
