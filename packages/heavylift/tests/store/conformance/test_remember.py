"""What a running task leaves in its record, and what its next run finds."""

from typing import Any

from heavylift.outcome import Failure, Retry
from heavylift.store import calls
from heavylift.store.calls import Memo, Recalled


def remember(subject: Any, *memos: Memo) -> tuple[bool, ...]:
    kept: tuple[bool, ...] = subject.run(calls.Remember(memos))
    return kept


def test_a_running_task_says_how_far_it_is(subject: Any) -> None:
    delivery = subject.take()

    assert remember(subject, Memo.progress(delivery.id, delivery.fence, {"done": 3, "total": 10, "message": "größe"})) == (True,)
    assert subject.record(delivery.id).progress == {"done": 3, "total": 10, "message": "größe"}


def test_several_tasks_leave_what_they_leave_in_one_call(subject: Any) -> None:
    first, second, stale = (subject.take(consumer) for consumer in ("w1", "w2", "w3"))
    subject.succeed(stale)

    kept = remember(
        subject,
        Memo.progress(first.id, first.fence, 1),
        Memo.progress(stale.id, stale.fence, 2),
        Memo.progress(second.id, second.fence, 3),
    )

    assert kept == (True, False, True)
    assert [subject.record(d.id).progress for d in (first, stale, second)] == [1, None, 3]


def test_nothing_is_left_without_the_fence_of_a_running_task(subject: Any) -> None:
    delivery = subject.take()
    remember(subject, Memo.progress(delivery.id, delivery.fence, 1))

    assert remember(subject, Memo.progress(delivery.id, delivery.fence + 1, 2)) == (False,)
    subject.succeed(delivery)
    assert remember(subject, Memo.progress(delivery.id, delivery.fence, 3)) == (False,)
    assert remember(subject, Memo.progress("no-such-task", 1, 4)) == (False,)
    assert subject.record(delivery.id).progress == 1


def test_a_first_delivery_has_no_checkpoint(subject: Any) -> None:
    assert subject.take().checkpoint is None


def test_the_newest_checkpoint_comes_with_the_next_delivery_after_a_death(subject: Any) -> None:
    delivery = subject.take("w1")
    for row in (1, 2):
        remember(subject, Memo.checkpoint(delivery.id, delivery.fence, f'{{"row": {row}}}'))
    subject.hand_on("w1")

    subject.register("w2")
    (again,) = subject.claim(by="w2")

    assert (again.id, again.checkpoint) == (delivery.id, '{"row": 2}')


def test_a_checkpoint_comes_with_the_next_attempt(subject: Any) -> None:
    delivery = subject.take()
    remember(subject, Memo.checkpoint(delivery.id, delivery.fence, "7"))
    subject.end(delivery, Retry(0.0, Failure("ValueError", "it broke", retryable=True)))

    subject.elapse(0.002)
    subject.run(calls.Promote())
    (again,) = subject.claim()

    assert (again.attempt, again.checkpoint) == (2, "7")


def test_an_effect_is_recalled_by_the_next_run_under_its_name(subject: Any) -> None:
    delivery = subject.take("w1")
    assert subject.run(calls.Recall(delivery.id, delivery.fence, "mail")) == Recalled(held=True, text=None)
    remember(subject, Memo.effect(delivery.id, delivery.fence, "mail", '"sent"'))
    subject.hand_on("w1")
    subject.register("w2")

    (again,) = subject.claim(by="w2")

    assert subject.run(calls.Recall(again.id, again.fence, "mail")) == Recalled(held=True, text='"sent"')
    assert subject.run(calls.Recall(again.id, again.fence, "bill")) == Recalled(held=True, text=None)


def test_who_has_lost_a_task_neither_records_nor_recalls_its_effects(subject: Any) -> None:
    stale = subject.take("w1")
    subject.hand_on("w1")
    subject.register("w2")
    (current,) = subject.claim(by="w2")

    assert remember(subject, Memo.effect(stale.id, stale.fence, "mail", '"twice"')) == (False,)
    assert subject.run(calls.Recall(stale.id, stale.fence, "mail")) == Recalled(held=False, text=None)
    assert subject.run(calls.Recall(current.id, current.fence, "mail")) == Recalled(held=True, text=None)
