"""Tasks that come again and again, as clients put and treat them."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heavylift.client.errors import (
    KindUnknown,
    PayloadUnfit,
    RequestInvalid,
    ScheduleChanged,
    ScheduleUnknown,
)
from heavylift.schedule import Missed, Overlap


@pytest.fixture
def name() -> str:
    """A schedule of this test's own."""
    return f"s-{uuid.uuid4().hex[:12]}"


def test_a_schedule_is_told_as_it_was_put(operator: Any, name: str) -> None:
    put = operator.schedules.put(
        name,
        "demo.anything",
        {"n": 1},
        cron="0 9 * * MON-FRI",
        timezone="Europe/Berlin",
        missed="skip",
        overlap=Overlap.SKIP,
        expires=timedelta(hours=1),
        tags=["early"],
    )

    assert (put.kind, put.payload, put.cron, put.timezone) == ("demo.anything", {"n": 1}, "0 9 * * MON-FRI", "Europe/Berlin")
    assert (put.missed, put.overlap, put.expires, put.tags) == (Missed.SKIP, Overlap.SKIP, 3600.0, ("early",))
    assert len(put.next_times) == 5
    assert put.next_times[0] == put.next_at
    assert operator.schedules.read(name) == put
    (listed,) = [each for each in operator.schedules.list() if each.name == name]
    assert (listed.version, listed.next_at) == (put.version, put.next_at)


def test_a_schedule_rests_and_comes_again(operator: Any, name: str) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    operator.schedules.put(name, "demo.anything", every=timedelta(days=1), start=start, paused=True)

    assert (operator.schedules.read(name).paused, operator.schedules.read(name).next_at) == (True, None)
    resumed = operator.schedules.resume(name)
    assert (resumed.paused, resumed.every, resumed.start) == (False, 86_400.0, start)
    assert operator.schedules.pause(name).paused


def test_a_task_of_a_schedule_comes_besides_its_times(operator: Any, name: str, queue: str) -> None:
    operator.schedules.put(name, "demo.anything", {"n": 7}, cron="@yearly", queue=queue)

    receipt = operator.schedules.trigger(name)

    task = operator.task(receipt.id).read()
    assert (task.payload, task.queue, task.tags) == ({"n": 7}, queue, (f"schedule:{name}",))
    (made,) = operator.schedules.read(name).tasks
    assert (made.id, made.due, made.made) == (receipt.id, None, True)


def test_who_does_not_know_a_change_changes_nothing(operator: Any, name: str) -> None:
    first = operator.schedules.put(name, "demo.anything", every=60, version=0)
    second = operator.schedules.put(name, "demo.anything", every=90)

    with pytest.raises(ScheduleChanged):
        operator.schedules.put(name, "demo.anything", every=30, version=first.version)
    with pytest.raises(ScheduleChanged):
        operator.schedules.drop(name, version=first.version)
    assert operator.schedules.drop(name, version=second.version).every == 90


def test_a_schedule_that_is_dropped_is_there_no_more(operator: Any, name: str) -> None:
    operator.schedules.put(name, "demo.anything", every=60)

    assert operator.schedules.drop(name).name == name
    for ask in ("read", "pause", "resume", "trigger", "drop"):
        with pytest.raises(ScheduleUnknown):
            getattr(operator.schedules, ask)(name)


def test_what_could_never_come_is_refused_with_the_field(operator: Any, name: str) -> None:
    with pytest.raises(RequestInvalid, match="cron"):
        operator.schedules.put(name, "demo.anything", cron="every morning")
    with pytest.raises(RequestInvalid, match="start: says no offset from UTC"):
        operator.schedules.put(name, "demo.anything", every=60, start=datetime(2030, 1, 1))  # noqa: DTZ001
    with pytest.raises(KindUnknown):
        operator.schedules.put(name, "no.such", every=60)
    with pytest.raises(PayloadUnfit, match="width"):
        operator.schedules.put(name, "images.thumbnail", {"source": "a"}, every=60)
