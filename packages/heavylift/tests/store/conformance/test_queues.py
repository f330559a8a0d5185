"""Queues, as they are now."""

from typing import Any

from heavylift.record import Executor, Priority
from heavylift.store import calls
from heavylift.store.calls import QueueState

BEAT = 0.04  # seconds


def _queue(subject: Any, name: str = "default") -> QueueState:
    (state,) = subject.run(calls.ReadQueues(name, beat=BEAT)).queues
    assert isinstance(state, QueueState)
    return state


def test_a_queue_is_told_with_what_it_holds_in_all_its_lines(subject: Any) -> None:
    subject.register("celery@here/1", executors=(Executor.PROCESS, Executor.ASYNCIO))
    subject.register("celery@there/1")
    subject.register("celery@elsewhere/1", "other")
    for executor in (Executor.PROCESS, Executor.ASYNCIO):
        subject.submit_many(2, executor=executor, priority=Priority.LOW)
    subject.submit(delay=60)
    (running, done) = subject.claim(2, by="celery@there/1")
    subject.succeed(done)

    state = _queue(subject)

    assert (state.ready, state.running, state.scheduled, state.consumers) == (2, 1, 1, 2)
    assert running.queue == state.queue == "default"
    assert state.pause is None
    assert 0 <= state.oldest_age < 60


def test_who_rests_is_not_counted(subject: Any) -> None:
    subject.register("celery@here/1")
    subject.run(calls.Rest(("here",), 60.0))

    assert _queue(subject).consumers == 0


def test_how_fast_a_queue_moves_is_told_from_the_second_look_on(subject: Any) -> None:
    subject.register()
    assert _queue(subject).pulse is None
    subject.submit_many(4)
    for delivery in subject.claim(2):
        subject.succeed(delivery)
    subject.elapse(BEAT)

    first, again = _queue(subject).pulse, _queue(subject).pulse

    assert first is not None
    assert (round(first.came * first.over), round(first.ended * first.over)) == (4, 2)
    assert first.over >= BEAT
    assert again is None or again.over >= first.over
    subject.elapse(BEAT)
    still = _queue(subject).pulse
    assert still is not None
    assert (still.came, still.ended) == (0, 0)


def test_who_sweeps_has_looked(subject: Any) -> None:
    subject.submit()
    subject.run(calls.Sweep())
    subject.submit_many(3)
    subject.elapse(BEAT)

    pulse = _queue(subject).pulse

    assert pulse is not None
    assert round(pulse.came * pulse.over) == 3


def test_pages_are_by_name(subject: Any) -> None:
    for name in ("b", "c", "a"):
        subject.submit(queue=name)

    first = subject.run(calls.ReadQueues(count=2))
    last = subject.run(calls.ReadQueues(after="b", count=2))

    assert ([q.queue for q in first.queues], first.more) == (["a", "b"], True)
    assert ([q.queue for q in last.queues], last.more) == (["c"], False)
    assert subject.run(calls.ReadQueues("nowhere")).queues == ()


def test_the_pause_of_a_queue_is_told(subject: Any) -> None:
    subject.submit()
    paused = subject.run(calls.PauseQueue("default", 60.0, "ada", "because"))

    assert _queue(subject).pause == paused.pause
    assert _queue(subject).ready == 1
