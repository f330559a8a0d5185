"""Names that nobody uses any more go, and those in use stay."""

from datetime import timedelta
from typing import Any

from heavylift.outcome import Failed, Failure
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Limits

TORN = Failure("OSError", "it tore", retryable=True)
LONG = 61.0  # seconds; longer than the minute to which a queue's last use is known


def _queues(subject: Any) -> list[str]:
    return [queue.queue for queue in subject.run(calls.Statistics()).queues]


def _done(subject: Any, queue: str) -> str:
    """Let one task succeed in a queue that is not served any more."""
    subject.register("w1", queue)
    id_ = subject.submit(queue=queue).id
    (delivery,) = subject.claim(queues=(queue,))
    subject.succeed(delivery)
    subject.hand_on("w1")
    return str(id_)


def _let_it_be_long_ago(subject: Any) -> None:
    """All that has happened so far happened longer ago than the retention."""
    subject.limit(Limits(retention=0.0))
    subject.elapse(0.001)


def test_a_queue_that_nobody_uses_is_forgotten(subject: Any) -> None:
    _done(subject, "once")
    assert _queues(subject) == ["once"]
    _let_it_be_long_ago(subject)

    assert subject.run(calls.Sweep()).queues == 1

    assert _queues(subject) == []
    assert subject.run(calls.Sweep()).queues == 0


def test_a_queue_in_which_something_waits_or_runs_is_not(subject: Any) -> None:
    subject.register("w1", "running")
    subject.submit(queue="running")
    subject.claim(queues=("running",))
    subject.submit(queue="waiting")
    subject.submit(queue="scheduled", delay=60)
    subject.register("w2", "served")
    _done(subject, "paused")
    subject.run(calls.PauseQueue("paused"))
    _let_it_be_long_ago(subject)

    assert subject.run(calls.Sweep()).queues == 0
    assert _queues(subject) == ["paused", "running", "scheduled", "served", "waiting"]


def test_a_queue_that_was_just_used_is_not_forgotten(subject: Any) -> None:
    _done(subject, "once")
    subject.limit(Limits(retention=LONG))

    assert subject.run(calls.Sweep()).queues == 0


def test_a_forgotten_queue_is_as_new_when_it_is_used_again(subject: Any) -> None:
    _done(subject, "again")
    _let_it_be_long_ago(subject)
    subject.run(calls.Sweep())

    id_ = _done(subject, "again")

    assert id_
    assert (subject.counts("again").submitted, subject.counts("again").succeeded) == (1, 1)


def test_a_dead_letter_may_be_replayed_into_a_forgotten_queue(subject: Any) -> None:
    subject.register("w1", "gone")
    id_ = subject.submit(queue="gone").id
    (delivery,) = subject.claim(queues=("gone",))
    subject.end(delivery, Failed(TORN))
    subject.hand_on("w1")
    _let_it_be_long_ago(subject)
    assert subject.run(calls.Sweep()).queues == 1

    subject.run(calls.Replay((id_,)))

    assert _queues(subject) == ["gone"]
    subject.register("w2", "gone")
    assert [d.id for d in subject.claim(by="w2", queues=("gone",))] == [id_]


def test_what_becomes_due_makes_its_queue_known(subject: Any) -> None:
    id_ = subject.submit(queue="later", delay=0.02).id
    subject.elapse(0.02)
    subject.run(calls.Promote())

    assert (subject.state(id_), _queues(subject)) == (State.QUEUED, ["later"])


def test_what_is_kept_is_still_found_after_a_sweep(subject: Any) -> None:
    subject.register("w1")
    live = subject.submit(tags=("order-1",), delay=60).id
    delivery = subject.take(kind="demo.rare", tags=("order-2",))
    subject.end(delivery, Failed(TORN))
    _let_it_be_long_ago(subject)
    subject.run(calls.Sweep())

    for filters, id_ in (
        ({"tag": "order-1"}, live),
        ({"tag": "order-2"}, delivery.id),
        ({"kind": "demo.rare"}, delivery.id),
        ({"queue": "default", "state": State.SCHEDULED}, live),
    ):
        assert [record.id for record in subject.run(calls.List(**filters)).records] == [id_], filters


def test_sweeping_says_when_there_is_more(subject: Any) -> None:
    for n in range(3):
        delivery = subject.take()
        subject.end(delivery, Failed(TORN))
        assert n < 3
    subject.limit(Limits(dead_retention=0.0))
    subject.elapse(0.001)

    assert subject.run(calls.Sweep(count=2)) == calls.Swept(lapsed=2, dropped=0, indexes=0, queues=0, more=True)
    assert not subject.run(calls.Sweep(count=2)).more


def test_a_task_that_lives_longer_than_any_retention_is_not_swept(subject: Any) -> None:
    far = subject.now() + timedelta(days=300)
    id_ = subject.submit(eta=far, tags=("next-year",), queue="rare").id
    _let_it_be_long_ago(subject)
    for _ in range(3):
        subject.run(calls.Sweep())

    assert [record.id for record in subject.run(calls.List(tag="next-year")).records] == [id_]
    assert _queues(subject) == ["rare"]
