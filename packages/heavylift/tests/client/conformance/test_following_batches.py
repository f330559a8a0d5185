"""Following a batch to its end."""

from typing import Any

import pytest
from packages.heavylift.tests.client.conformance.conftest import Worker

from heavylift.client import Item
from heavylift.client.errors import BatchUnknown
from heavylift.client.values import BatchEndEvent, BatchState, CountsEvent, EndedEvent
from heavylift.record import new_task_id
from heavylift.state import State


def _batch(client: Any, queue: str, count: int) -> Any:
    return client.batch([Item("demo.anything", {"n": number}, queue=queue) for number in range(count)])


def test_how_each_task_ends_is_told_once_and_in_order_and_counts_at_once(client: Any, worker: Worker, queue: str) -> None:
    batch = _batch(client, queue, 2)
    with batch.events() as events:
        begun = next(events)
        assert (type(begun), begun.id, begun.batch.pending) == (CountsEvent, None, 2)
        first = worker.succeed()
        told = [next(events), next(events)]  # before the next end
        second = worker.fail()
        told += events

    ended = [event for event in told if isinstance(event, EndedEvent)]
    expected = [("1", first, State.SUCCEEDED), ("2", second, State.FAILED)]
    assert [(event.id, event.task_id, event.state) for event in ended] == expected
    assert (told[1].batch.pending, told[1].batch.succeeded) == (1, 1)
    assert told[-1] == BatchEndEvent(id="2.end", batch=batch.read())


def test_who_comes_back_to_a_batch_is_told_the_ends_behind_the_last_one(client: Any, worker: Worker, queue: str) -> None:
    batch = _batch(client, queue, 3)
    for _ in range(3):
        worker.succeed()
    everything = list(batch.events())

    assert [event.id for event in everything] == ["1", "2", "3", "3.end"]
    for number, event in enumerate(everything):
        assert list(batch.events(after=event.id)) == everything[number + 1 :]


def test_nobody_follows_a_batch_that_never_was(client: Any) -> None:
    with pytest.raises(BatchUnknown):
        next(iter(client.batch_of(new_task_id()).events()))


def test_the_counts_of_a_batch_that_nobody_works_on_are_told(client: Any, queue: str) -> None:
    batch = _batch(client, queue, 1)

    with batch.events() as events:
        told: BatchState = next(events).batch

    assert told == batch.read()
