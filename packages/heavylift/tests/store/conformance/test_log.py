"""The logs of tasks: the newest lines, each once, under the fence, for as long as the record."""

from typing import Any

from heavylift.outcome import Failed, Retry
from heavylift.store import calls
from heavylift.store.calls import Limits, Memo
from heavylift.story import BEGINNING, EventName, LogLine, Place, log_after, tell


def lines(*numbers: int, message: str = "größe") -> list[LogLine]:
    return [LogLine(number, 1000 + number, "info", 1, "demo", f"{message} {number}", {"n": number}) for number in numbers]


def log(subject: Any, delivery: Any, *numbers: int, **what: str) -> bool:
    (kept,) = subject.run(calls.Remember((Memo.log(delivery.id, delivery.fence, lines(*numbers, **what)),)))
    return bool(kept)


def kept(subject: Any, id_: str, after: tuple[int, int] = (0, 0)) -> list[tuple[int, int]]:
    """The runs and numbers of the lines that are there."""
    portions = subject.run(calls.ReadLog(id_, after))
    return [(portion.run, line.number) for portion in portions for line in portion.lines]


def told(subject: Any, id_: str, after: Place = BEGINNING) -> list[tuple[str, str]]:
    events = tell(subject.run(calls.Follow(id_, log_after=log_after(after))), after).events
    return [(str(event.name), str(event.data.get("lines", event.place))) for event in events]


def test_lines_come_back_as_they_were_logged(subject: Any) -> None:
    delivery = subject.take()
    log(subject, delivery, 1, 2)

    (portion,) = subject.run(calls.ReadLog(delivery.id))

    assert (portion.run, portion.lines) == (1, tuple(lines(1, 2)))


def test_a_portion_that_comes_twice_is_kept_once(subject: Any) -> None:
    delivery = subject.take()

    assert [log(subject, delivery, 1, 2) for _ in range(2)] == [True, True]
    log(subject, delivery, 3)

    assert kept(subject, delivery.id) == [(1, 1), (1, 2), (1, 3)]


def test_lines_of_all_runs_are_told_between_their_states(subject: Any, broken: Any) -> None:
    delivery = subject.take()
    log(subject, delivery, 1, 2)
    subject.end(delivery, Retry(0.0, broken))
    subject.elapse(0.002)
    subject.run(calls.Promote())
    (again,) = subject.claim()
    log(subject, again, 1)
    subject.run(calls.Remember((Memo.progress(again.id, again.fence, {"done": 1}),)))
    log(subject, again, 2)
    subject.end(again, Failed(broken))

    assert [place for _, place in told(subject, delivery.id)] == [
        *("0.0", "1.0", "1.1.1", "1.1.2", "1.2", "1.3"),
        *("2.0", "2.1.1", "2.1.1.1", "2.1.2", "2.4", "2.4.0.1"),
    ]
    assert told(subject, delivery.id, Place(1, 1, 1))[:2] == [("log", "1.1.2"), ("state", "1.2")]
    assert told(subject, delivery.id, Place(2, 1, 1))[:2] == [("progress", "2.1.1.1"), ("log", "2.1.2")]


def test_the_newest_lines_are_kept_and_what_is_missing_is_told(subject: Any) -> None:
    subject.limit(Limits(log_lines=3))
    delivery = subject.take()
    for number in range(1, 6):
        log(subject, delivery, number)
    log(subject, delivery, 9)

    assert kept(subject, delivery.id) == [(1, 4), (1, 5), (1, 9)]
    assert told(subject, delivery.id)[2:] == [
        ("dropped", "3"),
        ("log", "1.1.4"),
        ("log", "1.1.5"),
        ("dropped", "3"),
        ("log", "1.1.9"),
    ]


def test_bytes_are_bounded_too_and_the_newest_portion_stays(subject: Any) -> None:
    subject.limit(Limits(log_bytes=1024))
    delivery = subject.take()
    for number in range(1, 6):
        log(subject, delivery, number, message="x" * 400)
    assert kept(subject, delivery.id) == [(1, 4), (1, 5)]

    log(subject, delivery, 6, message="x" * 3000)

    assert kept(subject, delivery.id) == [(1, 6)]


def test_a_long_log_is_told_portion_by_portion_and_nothing_before_it_is_all_told(subject: Any) -> None:
    delivery = subject.take()
    for number in range(1, 41):
        log(subject, delivery, number)
    subject.succeed(delivery)

    after, heard, looks = BEGINNING, [], 0
    while not any(event.name is EventName.END for event in heard):
        portion = tell(subject.run(calls.Follow(delivery.id, log_after=log_after(after))), after)
        heard += portion.events
        after, looks = portion.last, looks + 1
        assert portion.more is (looks < 3)

    assert [event.place.line for event in heard if event.name is EventName.LOG] == list(range(1, 41))
    assert [str(event.place) for event in heard[-2:]] == ["1.4", "1.4.0.1"]


def test_who_has_lost_a_task_logs_nothing_more(subject: Any) -> None:
    stale = subject.take()
    log(subject, stale, 1)
    subject.hand_on()

    assert log(subject, stale, 2) is False
    assert kept(subject, stale.id) == [(1, 1)]


def test_a_log_goes_with_its_record(subject: Any, broken: Any) -> None:
    subject.limit(Limits(retention=0.05))
    over, dead = subject.take("w1"), subject.take("w2")
    for delivery in (over, dead):
        log(subject, delivery, 1)
    subject.succeed(over)
    subject.end(dead, Failed(broken))
    subject.elapse(0.06)

    assert subject.run(calls.ReadLog(over.id)) is None
    assert kept(subject, dead.id) == [(1, 1)]
    subject.run(calls.Discard((dead.id,)))
    assert subject.run(calls.ReadLog(dead.id)) is None


def test_of_a_task_that_is_not_there_there_is_no_log(subject: Any) -> None:
    assert subject.run(calls.ReadLog("no-such-task")) is None
