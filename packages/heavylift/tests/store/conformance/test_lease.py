"""A consumer's lease, and what becomes of its tasks when it is gone."""

from typing import Any

import pytest

from heavylift.errors import LeaseLost
from heavylift.outcome import Succeeded
from heavylift.record import Executor, Priority
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Ended, HandedOn, Memo, Orders

SHORT = 0.04  # seconds


def test_a_task_in_hand_survives_the_death_of_its_worker(subject: Any) -> None:
    delivery = subject.take("w1")

    handed = subject.hand_on("w1")

    assert handed == HandedOn("w1", requeued=(delivery.id,), buried=())
    record = subject.record(delivery.id)
    assert (record.state, record.deaths, record.worker) == (State.QUEUED, 1, None)
    subject.register("w2")
    (again,) = subject.claim(by="w2")
    assert (again.id, again.fence, again.deaths, again.attempt) == (delivery.id, 2, 1, 1)


def test_without_blame_a_death_does_not_count(subject: Any) -> None:
    delivery = subject.take("w1")

    subject.hand_on("w1", blame=False, max_deaths=1)

    assert (subject.state(delivery.id), subject.record(delivery.id).deaths) == (State.QUEUED, 0)


def test_what_is_handed_on_goes_first_in_its_queue_and_keeps_its_order(subject: Any) -> None:
    held = subject.submit_many(2, priority=Priority.LOW)
    subject.register("w1")
    subject.claim(2)
    later = subject.submit(priority=Priority.HIGH).id

    subject.hand_on("w1", blame=False)

    subject.register("w2")
    assert [d.id for d in subject.claim(10, by="w2")] == [*held, later]


def test_only_the_task_that_ran_is_blamed_for_a_death(subject: Any) -> None:
    ran, in_hand = subject.submit_many(2)
    subject.register("w1")
    subject.claim(2)

    subject.hand_on("w1", ran=ran)

    assert [subject.record(id_).deaths for id_ in (ran, in_hand)] == [1, 0]


def make_suspect(subject: Any, count: int, *, executor: Executor = Executor.PROCESS) -> list[str]:
    """Tasks that were in hand together at two deaths of which nobody knows more."""
    ids = list(subject.submit_many(count, executor=executor))
    for number in range(2):
        consumer = f"gone{number}"
        subject.register(consumer, executors=(executor,))
        subject.claim(count, by=consumer, executors=(executor,))
        subject.hand_on(consumer)
    return ids


def test_when_nobody_knows_what_ran_none_of_several_is_blamed(subject: Any) -> None:
    held = list(subject.submit_many(3))
    subject.register("w1")
    subject.claim(3)

    subject.hand_on("w1")

    assert [subject.record(id_).deaths for id_ in held] == [0, 0, 0]
    subject.register("w2")
    assert [d.id for d in subject.claim(10, by="w2")] == held  # once may be the loss of a node


def test_what_was_in_hand_at_two_such_deaths_is_claimed_alone(subject: Any) -> None:
    held = make_suspect(subject, 3)
    innocent = subject.submit().id

    subject.register("w1")

    assert [subject.record(id_).deaths for id_ in held] == [0, 0, 0]
    assert [[d.id for d in subject.claim(10)] for _ in range(4)] == [[held[0]], [held[1]], [held[2]], [innocent]]


def test_a_suspect_that_kills_again_is_blamed(subject: Any) -> None:
    suspect, _ = make_suspect(subject, 2)
    subject.register("w1")
    subject.claim(10)

    subject.hand_on("w1")

    assert subject.record(suspect).deaths == 1


def test_a_suspect_is_run_by_a_child_that_runs_nothing_else_beside_it(subject: Any) -> None:
    suspects = make_suspect(subject, 2, executor=Executor.ASYNCIO)

    assert {subject.record(id_).executor for id_ in suspects} == {Executor.PROCESS}
    subject.register("w1")
    assert [d.id for d in subject.claim(10)] == suspects[:1]


def test_a_suspect_is_blamed_for_a_death_of_which_nobody_knows_more(subject: Any) -> None:
    first, second = make_suspect(subject, 2)
    subject.register("w1")
    for _ in range(2):
        subject.claim()

    subject.hand_on("w1")

    assert [subject.record(id_).deaths for id_ in (first, second)] == [1, 1]


def test_what_a_consumer_still_has_in_hand_stays_its_own_when_it_registers_again(subject: Any) -> None:
    known, unknown = subject.submit_many(2)
    subject.register("w1")
    subject.claim(2)

    subject.register("w1", in_hand=(known,))

    assert [subject.record(id_).state for id_ in (known, unknown)] == [State.RUNNING, State.QUEUED]
    assert subject.record(unknown).deaths == 0


def test_a_task_that_kills_its_workers_is_quarantined_with_a_readable_error(subject: Any) -> None:
    id_ = subject.submit().id
    for death in (1, 2, 3):
        subject.register(f"w{death}")
        subject.claim(by=f"w{death}")
        handed = subject.hand_on(f"w{death}", max_deaths=3, cause=f"signal 9, death {death}")

    assert handed == HandedOn("w3", requeued=(), buried=(id_,))
    record = subject.record(id_)
    assert (record.state, record.deaths, record.ended) == (State.FAILED, 3, True)
    assert record.error == {
        "type": "WorkerLost",
        "message": "quarantined: 3 workers died while they ran this task; the last: signal 9, death 3",
        "retryable": False,
        "details": [{"cause": "signal 9, death 3"}],
        "traceback": None,
    }


def test_a_task_that_was_asked_to_end_is_cancelled_when_its_worker_dies(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.run(calls.Cancel(delivery.id))

    assert subject.hand_on("w1") == HandedOn("w1", requeued=(), buried=(), cancelled=(delivery.id,))
    assert subject.state(delivery.id) is State.CANCELLED


def test_what_a_wait_has_taken_is_not_in_hand_whatever_its_consumer_says(subject: Any) -> None:
    id_ = subject.take("w1").id
    subject.register("w1")  # it has it no more
    assert [waiting.id for waiting in subject.wait("w1")] == [id_]

    told = subject.run(calls.Register("w1", ("default",), 60, {}, in_hand=(id_,)))

    assert told == (id_,)
    assert (subject.counts().ready, subject.counts().running) == (1, 0)


def test_what_a_dead_consumer_had_waited_for_is_handed_on_without_blame(subject: Any) -> None:
    id_ = subject.submit().id
    subject.register("w1")
    subject.wait("w1")

    assert subject.hand_on("w1", max_deaths=1).requeued == (id_,)

    subject.register("w2")
    (delivery,) = subject.claim(by="w2")
    assert (delivery.id, delivery.deaths) == (id_, 0)


def test_a_cancelled_task_that_a_wait_had_taken_is_not_handed_on(subject: Any) -> None:
    id_ = subject.submit().id
    subject.register("w1")
    subject.wait("w1")
    subject.run(calls.Cancel(id_))

    assert subject.hand_on("w1") == HandedOn("w1", requeued=(), buried=())
    assert subject.state(id_) is State.CANCELLED


def test_handing_on_a_consumer_that_is_unknown_does_nothing(subject: Any) -> None:
    assert subject.hand_on("nobody") == HandedOn("nobody", requeued=(), buried=())


def test_a_consumer_that_was_ended_may_not_claim_until_it_announces_itself(subject: Any) -> None:
    subject.register("w1")
    subject.hand_on("w1")
    id_ = subject.submit().id

    with pytest.raises(LeaseLost):
        subject.claim(by="w1")
    subject.register("w1")

    assert [d.id for d in subject.claim(by="w1")] == [id_]


def test_announcing_oneself_again_hands_on_what_was_held(subject: Any) -> None:
    delivery = subject.take("w1")

    # The answer to the claim got lost: the consumer does not know what it holds, and starts anew.
    subject.register("w1")

    assert not subject.succeed(delivery)
    (again,) = subject.claim(by="w1")
    assert (again.id, again.fence, again.deaths) == (delivery.id, 2, 0)


def test_a_lease_that_has_not_ended_is_not_reaped(subject: Any) -> None:
    delivery = subject.take("w1")

    assert subject.run(calls.Reap(max_deaths=3)) == ()
    assert subject.state(delivery.id) is State.RUNNING


def test_the_tasks_of_a_lease_that_has_ended_are_reaped_once(subject: Any) -> None:
    id_ = subject.submit().id
    subject.register("w1", lease=SHORT)
    subject.claim(by="w1")
    subject.elapse(SHORT)

    assert subject.run(calls.Reap(max_deaths=3)) == (HandedOn("w1", requeued=(id_,), buried=()),)
    assert subject.run(calls.Reap(max_deaths=3)) == ()
    assert subject.record(id_).deaths == 1


def test_reaping_stops_at_its_count(subject: Any) -> None:
    for consumer in ("w1", "w2", "w3"):
        subject.register(consumer, lease=SHORT)
    subject.elapse(SHORT)

    assert len(subject.run(calls.Reap(max_deaths=3, count=2))) == 2
    assert len(subject.run(calls.Reap(max_deaths=3, count=2))) == 1


def test_a_renewed_lease_does_not_end(subject: Any) -> None:
    subject.register("w1", lease=SHORT)
    subject.submit()
    subject.claim(by="w1")

    assert subject.run(calls.Renew(("w1",), 60)) == Orders()
    subject.elapse(SHORT)

    assert subject.run(calls.Reap(max_deaths=3)) == ()


def test_renewing_names_those_whose_lease_had_ended(subject: Any) -> None:
    subject.register("alive")
    subject.register("dead")
    subject.hand_on("dead")

    assert subject.run(calls.Renew(("alive", "dead", "nobody"), 60)) == Orders(lost=("dead", "nobody"))


def test_a_lease_of_which_a_third_is_gone_is_whole_again_after_a_renewal(subject: Any) -> None:
    subject.register("w1", lease=0.3)
    for _ in range(4):
        subject.elapse(0.1)
        assert subject.run(calls.Renew(("w1",), 0.3)) == Orders()

    assert subject.run(calls.Reap(max_deaths=3)) == ()


def test_whoever_registers_again_hears_what_it_has_lost(subject: Any) -> None:
    lost, kept = subject.take("w1"), None
    subject.hand_on("w1")
    subject.register("w1")
    other = subject.submit(queue="other").id
    (kept,) = subject.claim(queues=("other",))
    assert kept.id == other

    told = subject.run(calls.Register("w1", ("default", "other"), 60, {}, in_hand=(kept.id, lost.id, "no-such-task")))

    assert told == (lost.id, "no-such-task")
    assert subject.state(kept.id) is State.RUNNING


def test_a_worker_that_was_believed_dead_cannot_overwrite_its_successor(subject: Any) -> None:
    stale = subject.take("w1")
    subject.hand_on("w1")
    subject.register("w2")
    (current,) = subject.claim(by="w2")

    assert not subject.succeed(stale, '"stale"')
    assert subject.run(calls.Remember((Memo.progress(stale.id, stale.fence, {"done": 1}),))) == (False,)
    assert subject.release(stale) == (False,)

    assert subject.state(current.id) is State.RUNNING
    assert subject.succeed(current, '"current"')
    assert not subject.succeed(stale, '"stale"')
    assert subject.record(current.id).result == "current"


def test_a_worker_that_was_believed_dead_cannot_end_a_task_that_waits_again(subject: Any) -> None:
    stale = subject.take("w1")
    subject.hand_on("w1")

    assert subject.run(calls.Complete((Ended(stale.id, stale.fence, Succeeded("1")),))) == (False,)
    assert subject.state(stale.id) is State.QUEUED


def test_a_released_task_goes_first_in_its_queue_without_blame(subject: Any) -> None:
    delivery = subject.take("w1")
    other = subject.submit(priority=Priority.HIGH).id

    assert subject.release(delivery) == (True,)

    record = subject.record(delivery.id)
    assert (record.state, record.deaths, record.worker) == (State.QUEUED, 0, None)
    assert [d.id for d in subject.claim(2)] == [delivery.id, other]


def test_releasing_twice_changes_nothing_the_second_time(subject: Any) -> None:
    delivery = subject.take("w1")

    assert (subject.release(delivery), subject.release(delivery)) == ((True,), (False,))
    assert len(subject.claim(10)) == 1


def test_a_task_that_was_asked_to_end_is_cancelled_when_it_is_released(subject: Any) -> None:
    delivery = subject.take("w1")
    subject.run(calls.Cancel(delivery.id))

    assert subject.release(delivery) == (True,)
    assert subject.state(delivery.id) is State.CANCELLED
    assert subject.claim(10) == []


def test_nobody_is_reaped_for_a_lease_after_an_absence_of_all(subject: Any) -> None:
    subject.register("w1", lease=SHORT)
    id_ = subject.submit().id
    subject.claim()
    subject.elapse(SHORT)

    assert subject.run(calls.Reap(3, lease=60.0)) == ()  # the first in a long time
    assert subject.state(id_) is State.RUNNING
    assert subject.run(calls.Reap(3, lease=60.0)) == ()
    assert [handed.requeued for handed in subject.run(calls.Reap(3))] == [(id_,)]
