"""What is where."""

from typing import Any

from heavylift.outcome import Failed, Failure, Retry
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import QueueStatistics, StatisticsReply


def test_an_empty_store_has_nothing_to_say(subject: Any) -> None:
    assert subject.run(calls.Statistics()) == StatisticsReply(0, 0, ())


def test_every_end_is_counted_and_what_went_in_is_what_ended_and_what_lives(subject: Any, broken: Failure) -> None:
    subject.submit_many(5, queue="q")
    subject.submit_many(2, queue="q", delay=60)
    late = subject.submit(queue="q", expires_at=subject.now()).id
    subject.register("w1", "q")
    a, b, c, d = subject.claim(4, queues=("q",))
    subject.succeed(a)
    subject.end(b, Failed(broken))
    subject.end(c, Retry(60, broken))
    subject.elapse(0.001)
    subject.run(calls.Promote())
    subject.run(calls.Cancel(subject.submit(queue="q").id))
    assert subject.state(late) is State.EXPIRED

    reply = subject.run(calls.Statistics())

    (queue,) = reply.queues
    assert (queue.queue, queue.submitted, queue.retried) == ("q", 9, 1)
    assert (queue.succeeded, queue.failed, queue.cancelled, queue.expired) == (1, 1, 1, 1)
    assert (queue.ready, queue.running, reply.scheduled) == (1, 1, 3)
    ended = queue.succeeded + queue.failed + queue.cancelled + queue.expired
    assert queue.submitted == ended + queue.ready + queue.running + reply.scheduled
    assert subject.state(d.id) is State.RUNNING


def test_queues_are_told_apart_and_come_in_order(subject: Any) -> None:
    subject.submit(queue="b")
    subject.submit_many(2, queue="a")

    queues = subject.run(calls.Statistics()).queues

    assert [(q.queue, q.ready, q.submitted) for q in queues] == [("a", 2, 2), ("b", 1, 1)]


def test_a_queue_that_is_served_is_known_before_its_first_task(subject: Any) -> None:
    subject.register("w1", "quiet")

    assert subject.run(calls.Statistics()).queues == (QueueStatistics("quiet", 0, 0, 0.0, 0, 0, 0, 0, 0, 0),)


def test_the_age_of_the_oldest_that_waits_is_told_in_seconds(subject: Any) -> None:
    subject.register()
    subject.submit()
    subject.elapse(0.05)
    subject.submit()

    with_both = subject.counts().oldest_age
    assert 0.05 <= with_both < 5
    subject.claim(1)
    assert subject.counts().oldest_age < with_both
    subject.claim(1)
    assert subject.counts().oldest_age == 0


def test_consumers_with_a_lease_are_counted(subject: Any) -> None:
    subject.register("w1")
    subject.register("short", lease=0.02)
    assert subject.run(calls.Statistics()).consumers == 2

    subject.elapse(0.02)
    assert subject.run(calls.Statistics()).consumers == 1

    subject.hand_on("w1")
    assert subject.run(calls.Statistics()).consumers == 0


def test_a_task_that_came_back_is_ready_again(subject: Any) -> None:
    subject.take("w1")
    subject.hand_on("w1")

    queue = subject.counts()
    assert (queue.ready, queue.running, queue.submitted) == (1, 0, 1)
