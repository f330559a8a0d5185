"""Many tasks: lists, batches, dead letters."""

import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from packages.heavylift.tests.client.conformance.conftest import Worker

from heavylift.client import Item
from heavylift.client.errors import (
    BatchUnknown,
    KeyReused,
    KindUnknown,
    NotDead,
    NotWaiting,
    PayloadUnfit,
    RequestInvalid,
    TaskUnknown,
)
from heavylift.record import new_task_id
from heavylift.state import FailureReason, State


def test_tasks_are_listed_over_all_pages_newest_first(client: Any, queue: str) -> None:
    batch = client.batch([Item("demo.anything", {"n": number}, queue=queue, tags=["many"]) for number in range(250)])
    ids = [answer.task.id for answer in batch.receipt.answers]

    assert [task.id for task in client.list(queue=queue)] == ids[::-1]
    assert [task.id for task in client.list(queue=queue, state="queued", kind="demo.anything", tag="many")] == ids[::-1]
    assert list(client.list(queue=queue, state=State.RUNNING)) == []
    assert [task.id for task in batch.tasks()] == ids[::-1]


def test_a_state_that_there_is_not_is_refused(client: Any) -> None:
    with pytest.raises(RequestInvalid, match="state: is one of scheduled, queued"):
        client.list(state="pending")


def test_each_item_of_a_batch_is_answered_for_itself(client: Any, queue: str) -> None:
    batch = client.batch(
        [
            Item("images.thumbnail", {"source": "a", "width": 1}, queue=queue),
            ("images.thumbnail", {"source": "a"}),
            "no.such",
            Item("demo.anything", queue=queue),
        ]
    )

    first, unfit, unknown, last = batch.receipt.answers
    assert (batch.receipt.items, batch.receipt.accepted, batch.receipt.refused) == (4, 2, 2)
    assert (first.error, last.error, unfit.task, unknown.task) == (None, None, None, None)
    assert isinstance(unfit.error, PayloadUnfit)
    assert [fault.field for fault in unfit.error.faults] == ["payload.width"]
    assert isinstance(unknown.error, KindUnknown)
    state = batch.read()
    assert (state.id, state.made, state.pending, state.ended) == (batch.id, 2, 2, False)


def test_a_batch_is_waited_for_as_one_and_its_results_come_in_the_order_of_its_items(
    client: Any, worker: Worker, queue: str
) -> None:
    batch = client.batch([Item("demo.anything", {"n": number}, queue=queue) for number in range(3)])
    assert batch.wait(0.05).pending == 3

    for number in range(3):
        worker.succeed(number)

    state = batch.wait(20)
    assert (state.ended, state.succeeded, state.pending) == (True, 3, 0)
    assert [task.result for task in batch.results()] == [0, 1, 2]
    assert {task.result for task in client.batch_of(batch.id).results()} == {0, 1, 2}


def test_who_waits_for_a_batch_learns_of_its_end(client: Any, worker: Worker, queue: str) -> None:
    batch = client.batch([Item("demo.anything", queue=queue)])

    def later() -> None:
        time.sleep(0.1)
        worker.succeed()

    ending = threading.Thread(target=later)
    ending.start()
    assert batch.wait(20).ended
    ending.join()


def test_a_batch_is_called_off_as_one(operator: Any, worker: Worker, queue: str) -> None:
    batch = operator.batch([Item("demo.anything", queue=queue) for _ in range(3)])
    worker.take()

    told = batch.cancel()

    assert (told.cancelled, told.asked, told.batch.cancelled) == (2, 1, 2)


def test_an_atomic_batch_is_taken_whole_or_not_at_all(client: Any, queue: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        client.batch([Item("demo.anything", queue=queue), ("images.thumbnail", {"source": "a"})], atomic=True)

    assert [fault.field for fault in refused.value.faults] == ["tasks.1.payload.width"]
    assert list(client.list(queue=queue)) == []
    assert client.batch([Item("demo.anything", queue=queue)], atomic=True).receipt.accepted == 1


def test_a_batch_that_is_repeated_under_its_key_is_the_same(client: Any, queue: str) -> None:
    key, items = uuid.uuid4().hex, [Item("demo.anything", {"n": number}, queue=queue) for number in range(2)]

    first, again = client.batch(items, idempotency_key=key), client.batch(items, idempotency_key=key)

    assert (again.id, again.receipt.replayed, first.receipt.replayed) == (first.id, True, False)
    assert [answer.task.id for answer in again.receipt.answers] == [answer.task.id for answer in first.receipt.answers]
    with pytest.raises(KeyReused):
        client.batch(items[:1], idempotency_key=key)


def test_a_batch_has_an_item_at_least(client: Any) -> None:
    with pytest.raises(RequestInvalid, match="has no items"):
        client.batch([])


def test_nobody_tells_of_a_batch_that_never_was(client: Any) -> None:
    batch = client.batch_of(new_task_id())

    for ask in (batch.read, batch.wait):
        with pytest.raises(BatchUnknown):
            ask()


def test_what_failed_is_listed_grouped_and_replayed(operator: Any, worker: Worker, queue: str) -> None:
    handles = [operator.submit("demo.anything", queue=queue) for _ in range(3)]
    ids = [worker.fail() for _ in handles]

    assert {task.id for task in operator.dead_letters.list(queue=queue)} == set(ids)
    groups = operator.dead_letters.groups(queue=queue)
    assert [(group.count, group.kind, group.error_type, group.message) for group in groups.groups] == [
        (3, "demo.anything", "ValueError", "it broke")
    ]
    tried = operator.dead_letters.replay(queue=queue, dry_run=True)
    assert (tried.matched, tried.changed, tried.dry_run) == (3, 0, True)
    assert handles[0].replay().state is State.QUEUED
    done = operator.dead_letters.replay(queue=queue, reason=FailureReason.PERMANENT)
    assert (done.matched, done.changed, set(done.sample)) == (2, 2, set(ids[1:]))
    assert list(operator.dead_letters.list(queue=queue)) == []


def test_what_failed_is_looked_through(client: Any, worker: Worker, queue: str) -> None:
    handle = client.submit("demo.anything", queue=queue)
    worker.fail("no such file")

    (letter,) = client.dead_letters.list(queue=queue, kind="demo.anything", reason=FailureReason.PERMANENT)
    assert (letter.id, letter.error.message, letter.reason) == (handle.id, "no such file", FailureReason.PERMANENT)
    (group,) = client.dead_letters.groups(queue=queue, fingerprint=letter.fingerprint).groups
    assert (group.count, group.queue, group.message, group.first_at) == (1, queue, "no such file", letter.ended_at)


def test_what_failed_is_discarded_for_good(operator: Any, worker: Worker, queue: str) -> None:
    one, other = operator.submit("demo.anything", queue=queue), operator.submit("demo.anything", queue=queue)
    for _ in range(2):
        worker.fail()

    assert one.discard().id == one.id
    with pytest.raises(TaskUnknown):
        one.read()
    since = datetime.now(UTC) - timedelta(hours=1)
    assert operator.dead_letters.discard(queue=queue, since=since).changed == 1
    with pytest.raises(TaskUnknown):
        other.read()


def test_a_dead_letter_begins_anew_with_another_payload(operator: Any, worker: Worker, queue: str) -> None:
    handle = operator.submit("images.thumbnail", {"source": "a", "width": 1}, queue=queue)
    worker.fail()

    with pytest.raises(PayloadUnfit):
        handle.replay({"source": "a"})
    assert handle.replay({"source": "b", "width": 2}).payload == {"source": "b", "width": 2}


def test_a_task_that_waits_for_its_time_begins_now(operator: Any, queue: str) -> None:
    handle = operator.submit("demo.anything", queue=queue, delay=3600)

    assert handle.retry().state is State.QUEUED
    handle.cancel()
    with pytest.raises(NotWaiting):
        handle.retry()


def test_what_has_not_failed_is_neither_replayed_nor_discarded(operator: Any, queue: str) -> None:
    handle = operator.submit("demo.anything", queue=queue)

    for ask in (handle.replay, handle.discard):
        with pytest.raises(NotDead) as refused:
            ask()
        assert refused.value.state is State.QUEUED


def test_tasks_are_called_off_by_a_filter_once_it_is_no_dry_run(operator: Any, worker: Worker, queue: str) -> None:
    ids = {operator.submit("demo.anything", queue=queue, tags=["many"]).id for _ in range(3)}
    running = worker.take().id

    looked = operator.cancel_many(queue=queue, tag="many", dry_run=True)
    done = operator.cancel_many(queue=queue, tag="many")

    assert (looked.matched, looked.changed, looked.dry_run, set(looked.sample)) == (3, 0, True, ids)
    assert (done.changed, done.states) == (3, {State.CANCELLED: 2, State.RUNNING: 1})
    assert operator.task(running).read().cancel_requested


def test_tasks_that_wait_for_their_time_begin_by_a_filter_and_up_to_a_limit(operator: Any, queue: str) -> None:
    for _ in range(3):
        operator.submit("demo.anything", queue=queue, delay=3600)

    done = operator.retry_many(queue=queue, state="scheduled", limit=2)

    assert (done.matched, done.changed, done.more) == (2, 2, True)
    assert operator.queues.read(queue).ready == 2


def test_tasks_are_found_by_the_time_of_their_submission(client: Any, queue: str) -> None:
    first, second = (client.submit("demo.anything", {"n": number}, queue=queue) for number in range(2))
    between = second.receipt.submitted_at
    while first.receipt.submitted_at >= between:
        second = client.submit("demo.anything", queue=queue)
        between = second.receipt.submitted_at

    assert first.id in {task.id for task in client.list(queue=queue, submitted_before=between)}
    assert first.id not in {task.id for task in client.list(queue=queue, submitted_after=between)}
    assert second.id in {task.id for task in client.list(queue=queue, submitted_after=between, tenant="")}


def test_nothing_does_not_mean_everything(operator: Any) -> None:
    with pytest.raises(RequestInvalid, match="nothing must not mean everything"):
        operator.dead_letters.discard()
    with pytest.raises(RequestInvalid, match="nothing must not mean everything"):
        operator.dead_letters.replay(all=True, queue="q")
    assert operator.dead_letters.replay(all=True, dry_run=True).changed == 0
    for treat in (operator.cancel_many, operator.retry_many):
        with pytest.raises(RequestInvalid, match="nothing must not mean everything"):
            treat(dry_run=True)
        with pytest.raises(RequestInvalid, match="nothing must not mean everything"):
            treat(all=True, queue="q", dry_run=True)
        assert treat(all=True, dry_run=True).changed == 0
