"""Many tasks that are submitted together: a batch counts them, and is over when all of them are."""

from dataclasses import replace
from typing import Any, Final

import pytest

from heavylift.batch import Batch, BatchItem
from heavylift.batch_story import BatchTold
from heavylift.idempotency import IdempotencyKey, Unique
from heavylift.outcome import Failed, Failure, Retry, Succeeded
from heavylift.record import Standing, Submission, new_task_id
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Limits, Opened

KEY: Final = IdempotencyKey("batches", "these", 60.0)
BROKEN: Final = Failure("ValueError", "it broke", retryable=True, fingerprint="f")
FAILED: Final = Failed(BROKEN)
DONE: Final = Succeeded("1")


def _open(subject: Any, items: int, key: IdempotencyKey | None = None) -> str:
    opened: Opened = subject.run(calls.OpenBatch(new_task_id(), items, key))
    assert opened.standing is Standing.NEW
    return opened.id


def _fill(subject: Any, batch: str, count: int, first: int = 0, **fields: Any) -> list[str]:
    given = {"kind": "demo.work", "payload": "{}"} | fields
    items = [Submission(**given, item=BatchItem(batch, number)) for number in range(first, first + count)]
    return [accepted.id for accepted in subject.run(calls.Submit(tuple(items)))]


def _read(subject: Any, id_: str) -> Batch:
    batch = subject.run(calls.ReadBatch(id_))
    assert isinstance(batch, Batch)
    return batch


def _work(subject: Any, count: int, outcome: Any = DONE) -> None:
    subject.register()
    for delivery in subject.claim(count):
        assert subject.end(delivery, outcome)


def test_a_batch_is_over_when_all_its_items_have_come_and_all_its_tasks_have_ended(subject: Any) -> None:
    batch = _open(subject, 3)
    _fill(subject, batch, 2)
    _work(subject, 2)
    halfway = _read(subject, batch)
    assert (halfway.items, halfway.made, halfway.succeeded, halfway.ended) == (3, 2, 2, False)

    _fill(subject, batch, 1, first=2)
    assert not _read(subject, batch).ended
    _work(subject, 1)

    over = _read(subject, batch)
    assert (over.made, over.succeeded, over.awaited) == (3, 3, 0)
    assert over.ended_at is not None
    assert over.created_at <= over.ended_at


def test_each_way_to_end_is_counted(subject: Any) -> None:
    batch = _open(subject, 4)
    _fill(subject, batch, 2)
    _work(subject, 1)
    _work(subject, 1, FAILED)
    subject.run(calls.Cancel(_fill(subject, batch, 1, first=2)[0]))
    _fill(subject, batch, 1, first=3, expires_at=subject.now())
    subject.run(calls.Promote(10))

    found = _read(subject, batch)

    assert (found.succeeded, found.failed, found.cancelled, found.expired, found.ended) == (1, 1, 1, 1, True)


def test_an_attempt_that_is_followed_by_another_is_no_end(subject: Any) -> None:
    batch = _open(subject, 1)
    _fill(subject, batch, 1, max_attempts=2)
    _work(subject, 1, Retry(0.0, BROKEN))

    assert _read(subject, batch).awaited == 1


def test_a_quarantined_task_has_ended_too(subject: Any) -> None:
    batch = _open(subject, 1)
    _fill(subject, batch, 1)
    subject.register()
    subject.claim(1)
    subject.hand_on(max_deaths=1)

    assert (_read(subject, batch).failed, _read(subject, batch).ended) == (1, True)


def test_a_batch_is_not_over_while_one_of_its_dead_letters_lives_again(subject: Any) -> None:
    batch = _open(subject, 1)
    (id_,) = _fill(subject, batch, 1)
    _work(subject, 1, FAILED)
    assert _read(subject, batch).ended

    subject.run(calls.Replay((id_,)))
    again = _read(subject, batch)
    assert (again.failed, again.awaited, again.ended) == (0, 1, False)
    _work(subject, 1)

    assert (_read(subject, batch).succeeded, _read(subject, batch).ended) == (1, True)


def test_items_that_are_spared_a_task_are_counted_once_however_often_they_come(subject: Any) -> None:
    holder = subject.submit(unique=Unique("one"))
    batch = _open(subject, 3)

    for _ in range(2):
        assert _fill(subject, batch, 1, unique=Unique("one")) == [holder.id]
        assert _fill(subject, batch, 1, first=1, id=holder.id) == [holder.id]

    assert (_read(subject, batch).spared, _read(subject, batch).made) == (2, 0)
    _fill(subject, batch, 1, first=2)
    assert subject.record(holder.id).batch is None
    subject.register()
    subject.succeed(subject.claim(1)[0])
    assert not _read(subject, batch).ended
    subject.succeed(subject.claim(1)[0])
    assert _read(subject, batch).ended


def test_an_item_that_comes_twice_makes_one_task_and_is_counted_once(subject: Any) -> None:
    batch, id_ = _open(subject, 2), new_task_id()

    for _ in range(2):
        _fill(subject, batch, 1, id=id_)
        _fill(subject, batch, 1, first=1, idempotency_key=KEY)

    assert (_read(subject, batch).made, _read(subject, batch).spared) == (2, 0)


def test_a_batch_that_is_asked_for_again_under_its_key_is_the_one_from_then(subject: Any) -> None:
    batch = _open(subject, 2, KEY)

    assert subject.run(calls.OpenBatch(new_task_id(), 2, KEY)) == Opened(batch, Standing.REPEATED)
    other = subject.run(calls.OpenBatch(new_task_id(), 2, replace(KEY, fingerprint="others")))
    assert other == Opened(batch, Standing.REUSED)
    assert subject.run(calls.OpenBatch(batch, 2)) == Opened(batch, Standing.KNOWN)


def test_a_batch_of_nothing_is_over_at_once_and_forgotten_after_the_retention(subject: Any) -> None:
    subject.limit(Limits(retention=0.1))
    batch = _open(subject, 0)
    assert _read(subject, batch).ended

    subject.elapse(0.11)

    assert subject.run(calls.ReadBatch(batch)) is None


def test_a_batch_lives_as_long_as_any_of_its_tasks(subject: Any) -> None:
    subject.limit(Limits(retention=0.1))
    batch = _open(subject, 2)
    _fill(subject, batch, 2)
    _work(subject, 1)
    subject.elapse(0.11)
    subject.run(calls.Sweep())
    assert _read(subject, batch).succeeded == 1

    _work(subject, 1)
    assert _read(subject, batch).ended
    subject.elapse(0.11)
    subject.run(calls.Sweep())

    assert subject.run(calls.ReadBatch(batch)) is None


def test_what_will_not_come_is_not_waited_for(subject: Any) -> None:
    batch = _open(subject, 5)
    _fill(subject, batch, 1)
    _work(subject, 1)
    assert not _read(subject, batch).ended

    assert subject.run(calls.CloseBatch(batch))

    assert (_read(subject, batch).items, _read(subject, batch).ended) == (1, True)
    assert not subject.run(calls.CloseBatch("nobody"))


def test_the_tasks_of_a_batch_are_called_off_in_portions(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls.CancelBatch, "PORTION", 2)
    batch = _open(subject, 4)
    ids = _fill(subject, batch, 3)
    ids += _fill(subject, batch, 1, first=3, delay=60)
    subject.register()
    subject.claim(1)

    first = subject.run(calls.CancelBatch(batch))
    second = subject.run(calls.CancelBatch(batch, first.cursor))
    third = subject.run(calls.CancelBatch(batch, second.cursor))

    assert (first.cancelled, first.asked) == (1, 1)
    assert (second.cancelled, second.asked) == (2, 0)
    assert third == calls.CalledOff(0, 0, None)
    assert [subject.state(id_) for id_ in ids] == [State.RUNNING, *[State.CANCELLED] * 3]
    assert subject.run(calls.CancelBatch(batch)).asked == 0  # it was asked before
    assert (_read(subject, batch).cancelled, _read(subject, batch).awaited) == (3, 1)


def test_the_tasks_of_a_batch_can_be_listed(subject: Any) -> None:
    subject.limit(Limits(index_limit=0))
    batch = _open(subject, 2)
    ids = _fill(subject, batch, 2)
    subject.submit()

    page = subject.run(calls.List(batch=batch))

    assert [record.id for record in page.records] == ids[::-1]
    assert {record.batch for record in page.records} == {batch}


def test_nobody_knows_a_batch_that_was_never_opened(subject: Any) -> None:
    assert subject.run(calls.ReadBatch("nobody")) is None
    assert subject.run(calls.CancelBatch("nobody")) == calls.CalledOff(0, 0, None)


def _told(subject: Any, id_: str, after: int = 0) -> BatchTold:
    told = subject.run(calls.FollowBatch(id_, after=after))
    assert isinstance(told, BatchTold)
    return told


def test_the_ends_of_its_tasks_are_told_in_their_order_and_from_any_place_on(subject: Any) -> None:
    batch = _open(subject, 3)
    first, second, third = _fill(subject, batch, 3)
    assert (_told(subject, batch).total, _told(subject, batch).ends) == (0, ())

    subject.run(calls.Cancel(third))
    _work(subject, 1)
    _work(subject, 1, FAILED)

    ends = [(third, State.CANCELLED), (first, State.SUCCEEDED), (second, State.FAILED)]
    told = _told(subject, batch)
    assert ([(end.id, end.state) for end in told.ends], told.total) == (ends, 3)
    assert told.batch == _read(subject, batch)
    assert [(end.id, end.state) for end in _told(subject, batch, after=2).ends] == ends[2:]
    assert (_told(subject, batch, after=3).ends, _told(subject, batch, after=4).ends) == ((), ())


def test_a_task_that_is_replayed_ends_once_more(subject: Any) -> None:
    batch = _open(subject, 1)
    (id_,) = _fill(subject, batch, 1)
    _work(subject, 1, FAILED)

    subject.run(calls.Replay((id_,)))
    assert (_told(subject, batch).total, _told(subject, batch).batch.ended) == (1, False)
    _work(subject, 1)

    assert [end.state for end in _told(subject, batch).ends] == [State.FAILED, State.SUCCEEDED]


def test_who_does_not_reach_a_batch_is_told_nothing_of_its_ends(subject: Any) -> None:
    batch = _open(subject, 1)

    assert subject.run(calls.FollowBatch(batch, reach="acme")) is None
    assert subject.run(calls.FollowBatch(new_task_id())) is None
