"""Queues at a terminal: how much they take in, and what waits in them called off."""

import uuid
from typing import Any

import pytest

from heavylift.cli.exit_codes import ExitCode
from tests.support.terminal import Terminal

Say = Any  #: The fixture of conftest.


@pytest.fixture
def queue(say: Say) -> str:
    """A queue that nobody serves, with two tasks."""
    name = f"q-{uuid.uuid4().hex[:8]}"
    for _ in range(2):
        say("submit", "sample.ping", "--queue", name)
    return name


def waiting(say: Say, queue: str) -> int:
    (found,) = [each for each in say("queues", "list", "--json").json if each["name"] == queue]
    return int(found["ready"])


def test_a_queue_takes_in_no_more_than_is_said(say: Say, queue: str) -> None:
    limited = say("queues", "limit", queue, "2")
    refused = say("submit", "sample.ping", "--queue", queue)
    (line,) = [line for line in say("queues", "list").out.splitlines() if line.startswith(queue)]
    open_again = say("queues", "limit", queue, "default", "--json")

    assert limited.out == f"The queue {queue} takes in tasks while fewer than 2 wait; 2 tasks wait in it.\n"
    assert (refused.code, refused.out) == (ExitCode.UNREACHABLE, "")
    assert "2" in line.split()[-4:]
    assert open_again.json["limit"] is None
    assert say("submit", "sample.ping", "--queue", queue).code == ExitCode.DONE


def test_a_queue_may_take_in_nothing(say: Say, queue: str) -> None:
    assert say("queues", "limit", queue, "0").out == f"The queue {queue} takes in no tasks; 2 tasks wait in it.\n"


@pytest.mark.parametrize("length", ["many", "1.5", "-- -1"])
def test_a_length_that_is_none_is_refused_with_what_is_one(say: Say, length: str) -> None:
    said = say("queues", "limit", "default", *length.split())

    assert (said.code, said.out) == (ExitCode.MISUSED, "")
    assert "is no whole number above 0, 0 or `default`" in said.err


def test_where_nobody_can_type_a_purge_only_says_what_would_go(say: Say, queue: str) -> None:
    said = say("queues", "purge", queue)

    assert said.out == f"2 tasks wait in the queue {queue}. Nothing was done. Say --yes to call them off.\n"
    assert waiting(say, queue) == 2


def test_a_script_purges_with_yes_and_what_waited_says_why_it_ended(say: Say, queue: str) -> None:
    said = say("queues", "purge", queue, "--yes")
    again = say("queues", "purge", queue, "--yes", "--json")

    assert said.out == f"2 tasks of the queue {queue} cancelled.\n"
    assert again.json["waiting"] == 0
    tasks = say("list", "--queue", queue, "--json").json
    assert [(task["state"], task["error"]["type"]) for task in tasks] == [("cancelled", "Purged")] * 2


@pytest.mark.parametrize(("typed", "left"), [("", 2), ("yes", 2), (None, 0)], ids=["nothing", "yes", "its name"])
def test_at_a_terminal_the_name_of_the_queue_is_typed_to_purge_it(
    heavylift_url: str, say: Say, queue: str, typed: str | None, left: int
) -> None:
    terminal = Terminal(heavylift_url, "queues", "purge", queue)

    terminal.read_until(r"to\s+do\s+it")
    terminal.write(f"{queue if typed is None else typed}\n")

    assert terminal.end() == ExitCode.DONE
    assert f"2 tasks wait in the queue {queue}" in " ".join(terminal.text.split())
    assert waiting(say, queue) == left


def test_a_purge_of_a_queue_that_is_none_is_one_sentence(say: Say) -> None:
    said = say("queues", "purge", "nobody's", "--yes")

    assert (said.code, said.out) == (ExitCode.NOT_FOUND, "")
    assert said.err.startswith("heavylift: no queue is named nobody's")
