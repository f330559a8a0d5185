"""What those who follow a task are told: each step once, in order, whenever they ask."""

from datetime import timedelta
from typing import Any

import pytest

from heavylift.outcome import Cancelled, Failed, Retry
from heavylift.store import calls
from heavylift.store.calls import Memo
from heavylift.story import BEGINNING, Event, EventName, Place, tell


def story(subject: Any, id_: str, after: Place = BEGINNING) -> tuple[Event, ...]:
    told = subject.run(calls.Follow(id_))
    assert told is not None
    return tell(told, after).events


def states(subject: Any, id_: str) -> list[tuple[str, str]]:
    """The places and states of a task."""
    return [(str(e.place), str(e.data["state"])) for e in story(subject, id_) if e.name is EventName.STATE]


def test_a_task_that_succeeds_at_once_has_three_states_and_an_end(subject: Any) -> None:
    delivery = subject.take()
    subject.succeed(delivery)

    events = story(subject, delivery.id)

    assert states(subject, delivery.id) == [("0.0", "queued"), ("1.0", "running"), ("1.4", "succeeded")]
    assert (str(events[-1].place), events[-1].name) == ("1.4.0.1", EventName.END)
    assert events[0].data["at"] <= events[1].data["at"] <= events[2].data["at"]


def test_a_task_that_waits_for_its_time_is_told_to_have_been_queued_when_that_came(subject: Any) -> None:
    id_ = subject.submit(delay=0.001).id
    assert states(subject, id_) == [("0.0", "scheduled")]

    subject.elapse(0.002)
    subject.run(calls.Promote())
    subject.register()
    (delivery,) = subject.claim()
    subject.succeed(delivery)

    assert states(subject, id_) == [("0.0", "scheduled"), ("0.3", "queued"), ("1.0", "running"), ("1.4", "succeeded")]


def test_a_run_that_was_given_back_stays_the_attempt_that_it_was_whatever_follows(subject: Any, broken: Any) -> None:
    delivery = subject.take()
    subject.release(delivery)
    (heard,) = [event for event in story(subject, delivery.id) if str(event.place) == "1.2"]
    subject.elapse(0.002)
    subject.register()
    (again,) = subject.claim()
    subject.end(again, Retry(0.0, broken))
    subject.elapse(0.002)
    subject.run(calls.Promote())

    told = {str(event.place): event for event in story(subject, delivery.id)}

    assert heard.data["attempt"] == told["2.2"].data["attempt"] == 1
    assert told.get("1.2", heard) == heard


def test_each_attempt_is_told_with_what_became_of_it(subject: Any, broken: Any) -> None:
    delivery = subject.take()
    subject.end(delivery, Retry(0.0, broken))
    subject.elapse(0.002)
    subject.run(calls.Promote())
    (again,) = subject.claim()
    subject.hand_on()
    subject.register("w2")
    (last,) = subject.claim(by="w2")
    subject.end(last, Failed(broken))

    assert again.attempt == last.attempt == 2
    assert states(subject, delivery.id) == [
        ("0.0", "queued"),
        ("1.0", "running"),
        ("1.2", "scheduled"),
        ("1.3", "queued"),
        ("2.0", "running"),
        ("2.2", "queued"),
        ("3.0", "running"),
        ("3.4", "failed"),
    ]
    told = {str(event.place): event.data for event in story(subject, delivery.id)}
    assert (told["1.2"]["fate"], told["1.2"]["error"]) == ("retried", {"type": "ValueError", "message": "it broke"})
    assert (told["2.2"]["fate"], told["2.2"]["error"]) == ("worker_lost", {"type": "WorkerLost", "message": "SIGKILL"})
    assert [told[place]["attempt"] for place in ("1.0", "2.0", "3.0")] == [1, 2, 2]


def test_a_replayed_life_goes_on_behind_the_first(subject: Any, broken: Any) -> None:
    delivery = subject.take()
    subject.end(delivery, Failed(broken))
    end = story(subject, delivery.id)[-1].place
    subject.elapse(0.002)
    subject.run(calls.Replay((delivery.id,)))
    (again,) = subject.claim()
    subject.succeed(again)

    assert [str(event.place) for event in story(subject, delivery.id, end)] == ["1.5", "2.0", "2.4", "2.4.0.1"]
    assert states(subject, delivery.id)[2:4] == [("1.4", "failed"), ("1.5", "queued")]


@pytest.mark.parametrize("then", [calls.Cancel, lambda id_: calls.Hasten((id_,))], ids=["called off", "let begin"])
def test_a_replay_that_waited_is_told_so_whatever_became_of_it(subject: Any, broken: Any, then: Any) -> None:
    delivery = subject.take()
    subject.end(delivery, Failed(broken))
    subject.run(calls.Replay((delivery.id,), subject.now() + timedelta(hours=1)))
    before = states(subject, delivery.id)
    assert before[-1] == ("1.5", "scheduled")

    subject.run(then(delivery.id))

    assert states(subject, delivery.id)[: len(before)] == before


def test_what_was_given_back_is_told_to_wait_again(subject: Any) -> None:
    delivery = subject.take()
    subject.release(delivery)

    assert states(subject, delivery.id) == [("0.0", "queued"), ("1.0", "running"), ("1.2", "queued")]


def test_what_is_called_off_while_it_waits_or_runs_has_an_end(subject: Any, broken: Any) -> None:
    waits = subject.submit(delay=60).id
    subject.run(calls.Cancel(waits))
    runs = subject.take()
    subject.run(calls.Cancel(runs.id))
    subject.end(runs, Cancelled())
    between = subject.take()
    subject.end(between, Retry(60, broken))
    subject.elapse(0.002)
    subject.run(calls.Cancel(between.id))

    assert states(subject, waits) == [("0.0", "scheduled"), ("0.4", "cancelled")]
    assert states(subject, runs.id)[-1] == ("1.4", "cancelled")
    assert states(subject, between.id)[-2:] == [("1.2", "scheduled"), ("1.4", "cancelled")]


def test_each_progress_has_a_place_of_its_own_and_the_newest_is_told(subject: Any) -> None:
    delivery = subject.take()
    for done in (1, 2):
        subject.run(calls.Remember((Memo.progress(delivery.id, delivery.fence, {"done": done}),)))

    (progress,) = story(subject, delivery.id, Place(1, 1))

    assert (str(progress.place), progress.data) == ("1.1.0.2", {"run": 1, "progress": {"done": 2}})
    assert story(subject, delivery.id, progress.place) == ()


def test_a_place_that_the_task_has_not_reached_is_answered_with_everything(subject: Any) -> None:
    id_ = subject.submit().id

    assert [str(event.place) for event in story(subject, id_, Place(7, 0))] == ["0.0"]


def test_of_a_task_that_is_not_there_nothing_is_told(subject: Any) -> None:
    assert subject.run(calls.Follow("no-such-task")) is None
