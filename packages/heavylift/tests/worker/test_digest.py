from collections.abc import Iterator

import pytest

from heavylift.telemetry import AttemptEnded, Event, Started, TasksSucceeded
from heavylift.worker.digest import Digest
from heavylift.worker.reports import Reports

STARTED = Started(task_id="1", kind="a.b", queue="default", attempt=1, queued_at=1.0, started_at=2.0)


def _ended(**more: object) -> AttemptEnded:
    told = {"task_id": "1", "kind": "a.b", "queue": "default", "attempt": 1, "duration": 0.5, "since_submit": 2.0}
    return AttemptEnded(**told | {"result": "success"} | more)


@pytest.fixture
def reports() -> Iterator[Reports]:
    reports = Reports()
    yield reports
    reports.close()


@pytest.fixture
def digest(reports: Reports) -> Digest:
    return Digest(reports)


def _heard(reports: Reports) -> list[Event]:
    heard: list[Event] = []
    reports.receive(heard.append, within=1.0)
    return heard


def test_what_succeeded_in_a_turn_is_one_fact(reports: Reports, digest: Digest) -> None:
    for event in (STARTED, _ended(), _ended(duration=0.25, since_submit=3.0)):
        digest(event)
    digest.send()

    assert _heard(reports) == [TasksSucceeded(kind="a.b", queue="default", durations=(0.5, 0.25), since_submits=(2.0, 3.0))]


@pytest.mark.parametrize("end", [_ended(result="failure", error_type="ValueError"), _ended(committed=False)])
def test_an_end_that_somebody_may_ask_about_is_told_by_itself(reports: Reports, digest: Digest, end: AttemptEnded) -> None:
    digest(end)
    digest.send()

    assert _heard(reports) == [end]


def test_who_follows_events_gets_each_start_and_each_end(reports: Reports, digest: Digest) -> None:
    reports.set_detail(True)
    digest(STARTED)

    assert _heard(reports) == [STARTED]  # at once: it may run for hours until the next turn
    digest(_ended())
    digest.send()
    assert _heard(reports) == [_ended()]


def test_very_many_successes_fit_into_datagrams(reports: Reports, digest: Digest) -> None:
    for _ in range(1000):
        digest(_ended(duration=1234.123456, since_submit=123456.123456))
    digest.send()

    facts = [fact for fact in _heard(reports) if isinstance(fact, TasksSucceeded)]
    assert sum(len(fact.durations) for fact in facts) == 1000
    assert reports.dropped == 0
