"""queued → running."""

from typing import Any

import pytest

from heavylift.errors import LeaseLost
from heavylift.record import Executor, Priority
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Waiting


def test_a_claimed_task_is_in_the_hand_of_its_consumer(subject: Any) -> None:
    accepted = subject.submit(headers='{"root": "1"}', max_attempts=4, traceparent="00-aa-bb-01")
    subject.register("w1")

    (delivery,) = subject.claim(by="w1")

    record = subject.record(accepted.id)
    assert (record.state, record.worker, record.fence) == (State.RUNNING, "w1", 1)
    assert (delivery.id, delivery.kind, delivery.payload, delivery.queue) == (record.id, record.kind, record.payload, "default")
    assert (delivery.fence, delivery.attempt, delivery.max_attempts, delivery.deaths) == (1, 1, 4, 0)
    assert (delivery.headers, delivery.traceparent) == ('{"root": "1"}', "00-aa-bb-01")
    assert (delivery.submitted_at, delivery.queued_at) == (record.submitted_at, record.queued_at)
    assert delivery.started_at == record.started_at


def test_tasks_are_claimed_in_the_order_in_which_they_came(subject: Any) -> None:
    ids = subject.submit_many(20)
    subject.register()

    assert [d.id for d in subject.claim(20)] == ids


def test_no_more_tasks_are_claimed_than_were_asked_for(subject: Any) -> None:
    ids = subject.submit_many(5)
    subject.register()

    assert [d.id for d in subject.claim(2)] == ids[:2]
    assert [d.id for d in subject.claim(10)] == ids[2:]
    assert subject.claim(10) == []


def test_what_came_back_goes_before_high_before_normal_before_low(subject: Any) -> None:
    returned = subject.take("other", priority=Priority.LOW)
    low, normal, high = (subject.submit(priority=p).id for p in (Priority.LOW, Priority.NORMAL, Priority.HIGH))
    subject.release(returned)

    subject.register("w1")

    assert [d.id for d in subject.claim(10)] == [returned.id, high, normal, low]


def test_queues_are_emptied_in_the_order_in_which_they_are_named(subject: Any) -> None:
    second = subject.submit(queue="second", priority=Priority.HIGH).id
    first = subject.submit(queue="first", priority=Priority.LOW).id
    subject.register("w1", "first", "second")

    deliveries = subject.claim(10, queues=("first", "second"))

    assert [(d.id, d.queue) for d in deliveries] == [(first, "first"), (second, "second")]


def test_a_task_is_claimed_from_the_queues_that_are_named_and_no_other(subject: Any) -> None:
    subject.submit(queue="elsewhere")
    subject.register()

    assert subject.claim(10) == []


def test_a_task_is_claimed_by_one_consumer_only(subject: Any) -> None:
    subject.submit()
    subject.register("w1")
    subject.register("w2")

    assert len(subject.claim(by="w1") + subject.claim(by="w2")) == 1


def test_every_claim_raises_the_fence(subject: Any) -> None:
    delivery = subject.take()
    subject.release(delivery)

    (again,) = subject.claim()

    assert (delivery.fence, again.fence) == (1, 2)


def test_a_consumer_that_never_announced_itself_may_not_claim(subject: Any) -> None:
    subject.submit()

    with pytest.raises(LeaseLost):
        subject.claim(by="nobody")


def test_a_queue_that_the_consumer_did_not_announce_can_be_claimed_from_and_is_handed_on(subject: Any) -> None:
    id_ = subject.submit(queue="other").id
    subject.register("w1", "default")
    assert [d.id for d in subject.claim(queues=("other",))] == [id_]

    assert subject.hand_on("w1").requeued == (id_,)


def test_what_a_wait_has_taken_is_claimed_first(subject: Any) -> None:
    ids = subject.submit_many(3)
    subject.register()
    waiting = subject.wait("w1")

    assert [w.id for w in waiting] == ids[:1]
    assert [d.id for d in subject.claim(2, waiting=waiting)] == ids[:2]


def test_a_claim_may_look_itself_for_what_a_wait_has_taken(subject: Any) -> None:
    ids = subject.submit_many(3)
    subject.register()
    subject.wait("w1")

    assert [d.id for d in subject.claim(2, own=True)] == ids[:2]
    assert [d.id for d in subject.claim(2, own=True)] == ids[2:]


def test_what_such_a_claim_has_no_room_for_goes_back_to_the_queue(subject: Any) -> None:
    ids = {subject.submit(priority=priority).id for priority in Priority}
    subject.register("w1")
    subject.register("w2")
    subject.wait("w1")

    (delivery,) = subject.claim(1, by="w1", own=True)

    assert {d.id for d in subject.claim(10, by="w2")} == ids - {delivery.id}


def test_nobody_else_gets_what_a_wait_has_taken(subject: Any) -> None:
    subject.submit()
    subject.register("w1")
    subject.register("w2")
    subject.wait("w1")

    assert subject.claim(by="w2") == []


def test_a_wait_without_tasks_ends_empty(subject: Any) -> None:
    subject.register()

    assert subject.wait("w1") == ()


def test_more_than_there_is_room_for_goes_back_to_the_queue(subject: Any) -> None:
    ids = {subject.submit(priority=priority).id for priority in Priority}
    subject.register("w1")
    subject.register("w2")
    waiting = subject.wait("w1")
    assert len(waiting) == 3

    (delivery,) = subject.claim(1, by="w1", waiting=waiting)

    assert {d.id for d in subject.claim(10, by="w2")} == ids - {delivery.id}


def test_a_pointer_to_a_task_that_has_moved_is_dropped(subject: Any) -> None:
    cancelled, running = subject.submit().id, subject.submit(queue="other").id
    subject.register("w1", "default", "other")
    waiting = subject.wait("w1")
    subject.run(calls.Cancel(cancelled))
    stale = Waiting("other:process:normal", "1-1", running)

    assert subject.claim(10, queues=("default",), waiting=(*waiting, stale)) == []
    assert (subject.state(cancelled), subject.state(running)) == (State.CANCELLED, State.QUEUED)
    assert [d.id for d in subject.claim(queues=("other",))] == [running]


def test_a_claim_that_is_repeated_does_not_let_go_of_what_is_in_hand(subject: Any) -> None:
    subject.submit()
    subject.register()
    waiting = subject.wait("w1")
    (delivery,) = subject.claim(waiting=waiting)

    # The answer got lost, so the consumer asks once more.
    assert subject.claim(waiting=waiting) == []

    assert subject.state(delivery.id) is State.RUNNING
    assert subject.hand_on("w1").requeued == (delivery.id,)


def test_each_kind_of_child_has_a_line_of_its_own(subject: Any) -> None:
    ids = {executor: subject.submit(executor=executor).id for executor in Executor}

    for executor in reversed(Executor):
        subject.register(executor, executors=(executor,))
        assert [d.id for d in subject.claim(10, by=executor, executors=(executor,))] == [ids[executor]]


def test_a_child_may_serve_several_lines(subject: Any) -> None:
    ids = [subject.submit(executor=executor).id for executor in (Executor.PROCESS, Executor.ASYNCIO)]
    both = (Executor.PROCESS, Executor.ASYNCIO)
    subject.register(executors=both)

    assert [d.id for d in subject.claim(10, executors=both)] == ids


def test_what_was_in_another_line_is_handed_on_and_counted_too(subject: Any) -> None:
    id_ = subject.submit(executor=Executor.ASYNCIO).id
    assert subject.counts().ready == 1
    subject.register(executors=(Executor.ASYNCIO,))
    subject.claim(executors=(Executor.ASYNCIO,))
    assert subject.counts().running == 1

    subject.hand_on()  # it was alone in hand, so it is no suspect and stays in its line

    subject.register(executors=(Executor.ASYNCIO,))
    assert [d.id for d in subject.claim(executors=(Executor.ASYNCIO,))] == [id_]


def lane(priority: str) -> str:
    return calls.stream_of("default", Executor.PROCESS, priority)


def test_streams_are_read_in_the_order_that_is_asked_for(subject: Any) -> None:
    high, normal, low = (subject.submit(priority=priority).id for priority in Priority)
    subject.register()

    deliveries = subject.claim_from((lane("low"), 9), (lane("high"), 9), (lane("normal"), 9))

    assert [(d.id, d.stream) for d in deliveries] == [(low, lane("low")), (high, lane("high")), (normal, lane("normal"))]


def test_a_claim_ends_with_what_makes_a_whole_one(subject: Any) -> None:
    ids = subject.submit_many(5, priority=Priority.LOW)
    subject.submit_many(5, priority=Priority.HIGH)
    subject.register()

    assert [d.id for d in subject.claim_from((lane("low"), 3), (lane("high"), 64))] == ids[:3]


def test_what_one_stream_leaves_of_a_claim_is_filled_in_proportion_by_the_next(subject: Any) -> None:
    subject.submit_many(1, priority=Priority.HIGH)
    subject.submit_many(9, priority=Priority.NORMAL)
    subject.submit_many(9, priority=Priority.LOW)
    subject.register()

    deliveries = subject.claim_from((lane("high"), 4), (lane("normal"), 8), (lane("low"), 8))

    # A quarter of a claim from the first, three quarters of eight from the second, and nothing is left for the third.
    assert [d.stream for d in deliveries] == [lane("high")] + 6 * [lane("normal")]


def test_no_stream_takes_more_than_there_is_room_for_altogether(subject: Any) -> None:
    subject.submit_many(9)
    subject.register()

    assert len(subject.claim_from((lane("normal"), 64), count=2)) == 2


def test_whoever_is_woken_takes_what_goes_first_and_not_what_woke_it(subject: Any) -> None:
    low = subject.submit(priority=Priority.LOW).id
    subject.register("w1")
    subject.register("w2")
    waiting = subject.wait("w1")
    high = subject.submit(priority=Priority.HIGH).id

    assert [d.id for d in subject.claim(1, by="w1", waiting=waiting)] == [high]
    assert [d.id for d in subject.claim(1, by="w2")] == [low]


def test_what_a_wait_has_taken_from_a_stream_that_is_not_read_goes_back_to_its_queue(subject: Any) -> None:
    low = subject.submit(priority=Priority.LOW).id
    subject.register("w1")
    subject.register("w2")
    waiting = subject.wait("w1")

    assert subject.run(calls.Claim("w1", (calls.Source(lane("high"), 1),), 1, waiting)) == ()
    assert [d.id for d in subject.claim(1, by="w2")] == [low]
