"""Schedules at a terminal."""

import uuid
from typing import Any

import pytest

from heavylift.cli.exit_codes import ExitCode

Say = Any  #: The fixture of conftest.


@pytest.fixture
def name() -> str:
    """A schedule of this test's own."""
    return f"s-{uuid.uuid4().hex[:8]}"


def test_a_schedule_is_put_shown_and_listed(say: Say, name: str) -> None:
    words = ("sample.add", '{"a": 1, "b": 2}', "--cron", "0 9 * * MON-FRI", "--timezone", "Europe/Berlin", "--tag", "early")

    put = say("schedules", "put", name, *words)
    shown = say("schedules", "show", name, "--json").json
    (line,) = [line for line in say("schedules", "list").out.splitlines() if line.startswith(name)]

    assert put.code == ExitCode.DONE
    assert "comes    0 9 * * MON-FRI Europe/Berlin\n" in put.out
    assert 'payload  {"a": 1, "b": 2}\n' in put.out
    assert (shown["tags"], len(shown["next_times"])) == (["early"], 5)
    assert "0 9 * * MON-FRI Europe/Berlin" in line
    assert name in {schedule["name"] for schedule in say("schedules", "list", "--json").json}


def test_a_schedule_rests_and_comes_again(say: Say, name: str) -> None:
    put = say("schedules", "put", name, "sample.ping", "--every", "2h", "--paused", "--json").json
    resumed = say("schedules", "resume", name, "--json").json
    paused = say("schedules", "pause", name)

    assert (put["paused"], put["every"], resumed["paused"]) == (True, 7200.0, False)
    assert resumed["next_at"] is not None
    assert "next     paused\n" in paused.out


def test_a_task_of_a_schedule_comes_now(say: Say, name: str) -> None:
    say("schedules", "put", name, "sample.add", "-f", "a=1", "-f", "b=2", "--cron", "@yearly")

    task_id = say("schedules", "trigger", name).out.strip()

    assert say("watch", task_id).code == ExitCode.DONE
    assert task_id in say("schedules", "show", name).out
    assert [task["id"] for task in say("list", "--tag", f"schedule:{name}", "--json").json] == [task_id]


def test_a_schedule_is_dropped_once_and_only_as_it_is_known(say: Say, name: str) -> None:
    version = say("schedules", "put", name, "sample.ping", "--every", "1h", "--version", "0", "--json").json["version"]

    other = say("schedules", "drop", name, "--version", str(version - 1))
    done = say("schedules", "drop", name, "--version", str(version))
    again = say("schedules", "drop", name)

    assert (other.code, done.code, again.code) == (ExitCode.REFUSED, ExitCode.DONE, ExitCode.NOT_FOUND)
    assert done.out.startswith(f"The schedule {name} is dropped; its tasks stay")


def test_what_could_never_come_is_one_sentence_with_the_field(say: Say, name: str) -> None:
    said = say("schedules", "put", name, "sample.ping", "--cron", "every morning")

    assert (said.code, said.out) == (ExitCode.MISUSED, "")
    assert "cron" in said.err
