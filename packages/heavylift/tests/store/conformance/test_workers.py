"""Who takes tasks, and what they run."""

from typing import Any

from heavylift.record import Executor
from heavylift.store import calls
from heavylift.store.calls import Worker


def _workers(subject: Any, **terms: Any) -> list[Worker]:
    return list(subject.run(calls.ReadWorkers(**terms)).workers)


def test_consumers_are_told_with_their_lease_and_what_they_run(subject: Any) -> None:
    subject.register("celery@there/1", "default", "other", executors=(Executor.PROCESS, Executor.ASYNCIO))
    subject.register("celery@here/1")
    running_id = subject.submit(queue="other").id
    subject.claim(by="celery@there/1", queues=("default", "other"))

    here, there = _workers(subject)

    assert (here.consumer, here.queues, here.in_hand, here.running) == ("celery@here/1", ("default",), 0, ())
    assert (there.queues, there.executors) == (("default", "other"), (Executor.PROCESS, Executor.ASYNCIO))
    assert [(task.id, task.kind, task.queue) for task in there.running] == [(running_id, "demo.work", "other")]
    assert there.in_hand == 1
    assert 0 < (there.lease_ends - subject.now()).total_seconds() <= 60
    assert there.running[0].since <= subject.now()


def test_who_rests_is_told(subject: Any) -> None:
    subject.register("celery@here/1")
    subject.run(calls.Rest(("here",), 60.0))

    assert [worker.rests for worker in _workers(subject)] == [True]


def test_of_many_tasks_some_are_told_and_all_are_counted(subject: Any) -> None:
    subject.register()
    subject.submit_many(5)
    subject.claim(5)

    (worker,) = _workers(subject, tasks=2)

    assert (worker.in_hand, len(worker.running)) == (5, 2)


def test_tasks_that_are_not_reached_are_counted_and_not_told(subject: Any) -> None:
    subject.register()
    subject.submit(tenant="acme")
    subject.claim()

    assert [(worker.in_hand, worker.running) for worker in _workers(subject, reach="")] == [(1, ())]
    assert len(_workers(subject, reach="acme")[0].running) == 1


def test_pages_are_by_name(subject: Any) -> None:
    for name in ("w2", "w1", "w3"):
        subject.register(name)

    page = subject.run(calls.ReadWorkers(count=2))

    assert ([worker.consumer for worker in page.workers], page.more) == (["w1", "w2"], True)
    assert [worker.consumer for worker in _workers(subject, after="w2")] == ["w3"]


def test_who_has_let_its_lease_end_is_not_told(subject: Any) -> None:
    subject.register("w1", lease=0.05)
    subject.register("w2")

    subject.elapse(0.1)

    assert [worker.consumer for worker in _workers(subject)] == ["w2"]
