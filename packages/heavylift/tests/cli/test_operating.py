"""Operating at a terminal: queues, the audit log, tasks that are to begin now or anew."""

from typing import Any

import pytest

from heavylift.cli.exit_codes import ExitCode

Say = Any  #: The fixture of conftest.


@pytest.fixture
def failed(say: Say) -> str:
    """A task that has failed."""
    task_id: str = say("submit", "sample.raise", "--wait").err.splitlines()[0]
    return task_id


def test_a_queue_is_paused_and_its_tasks_say_so_and_resumed(say: Say) -> None:
    say("submit", "sample.ping", "--wait")

    paused = say("queues", "pause", "default", "--reason", "the mail server moves", "--for", "1h")
    try:
        task_id = say("submit", "sample.ping").out.strip()
        (line,) = [line for line in say("queues", "list").out.splitlines() if line.startswith("default ")]

        assert paused.out.startswith("The queue default is paused until 20")
        assert line.split()[1] == "1"
        assert line.endswith(": the mail server moves")
        assert "the mail server moves" in " ".join(say("why", task_id).out.split())
    finally:
        resumed = say("queues", "resume", "default", "--json")
    assert resumed.json["pause"] is None
    assert say("watch", task_id).code == ExitCode.DONE


def test_a_queue_that_is_none_is_one_sentence(say: Say) -> None:
    said = say("queues", "pause", "nobody's")

    assert (said.code, said.out) == (ExitCode.NOT_FOUND, "")
    assert said.err.startswith("heavylift: no queue is named nobody's")


def test_a_task_that_waits_for_its_time_begins_now(say: Say, failed: str) -> None:
    waiting = say("submit", "sample.ping", "--delay", "1h").out.strip()

    said = say("retry", waiting, failed)

    assert said.code == ExitCode.TASK_FAILED
    assert said.out.splitlines()[0] in [f"{waiting}  is {state}" for state in ("queued", "running", "succeeded")]
    assert said.out.splitlines()[1].startswith(f"{failed}  the task is failed")
    assert say("watch", waiting).code == ExitCode.DONE


def test_a_dead_letter_begins_anew_with_another_payload(say: Say) -> None:
    task_id = say("submit", "sample.flaky", '{"path": "/nowhere/at/all", "times": 1}', "--wait").err.splitlines()[0]

    refused = say("replay", task_id, "--payload", '{"path": 7}')
    said = say("replay", task_id, "--payload", '{"path": "/nowhere/else", "times": 1}')

    assert refused.code == ExitCode.MISUSED
    assert "payload.path" in refused.err
    assert said.code == ExitCode.DONE
    assert say("get", task_id, "--json").json["payload"]["path"] == "/nowhere/else"


def test_what_operators_did_is_shown(say: Say, failed: str) -> None:
    say("replay", failed)

    said = say("audit", "--target", failed)
    (entry,) = say("audit", "--target", failed, "--json").json

    assert said.out.splitlines()[0].split() == ["WHEN", "WHO", "DID", "TO", "OUTCOME"]
    assert f"task.replay  {failed}  done" in said.out
    assert (entry["action"], entry["outcome"]) == ("task.replay", "done")
    assert say("audit", "--target", "nothing").out == "Nothing that fits was done.\n"


def test_workers_are_shown_with_what_they_run(say: Say) -> None:
    child = say("workers", "--json").json[0]

    shown = say("workers")

    assert shown.out.splitlines()[0].split() == ["HOST", "CHILD", "TAKES", "OF", "QUEUES", "IN", "HAND", "RUNS", "STANDING"]
    (line,) = [line for line in shown.out.splitlines() if f"  {child['name'].rpartition('/')[2]}  " in line]
    assert line.startswith(f"{child['host']}  ")
    assert line.endswith("takes tasks")


def test_what_only_an_api_can_tell_is_asked_of_none_else(say: Say) -> None:
    said = say("audit", "--url", "redis://127.0.0.1:1")

    assert said.code == ExitCode.MISUSED
    assert said.err.startswith("heavylift: ")


def test_many_are_called_off_or_let_begin_by_a_filter_once_somebody_says_yes(say: Say) -> None:
    ids = {say("submit", "sample.ping", "--delay", "1h", "--tag", "many").out.strip() for _ in range(3)}

    looked = say("cancel", "--tag", "many")
    begun = say("retry", "--tag", "many", "--limit", "1", "--yes", "--json").json
    done = say("cancel", "--tag", "many", "--yes")

    assert looked.out.splitlines()[0] == "3 tasks fit. Such as:"
    assert {line.strip() for line in looked.out.splitlines()[1:4]} == ids
    assert looked.out.endswith("Nothing was done. Say --yes to do it.\n")
    assert (begun["matched"], begun["changed"], begun["more"]) == (1, 1, True)
    assert "2 cancelled" in done.out


@pytest.mark.parametrize("words", [["cancel"], ["retry"], ["cancel", "some-id", "--all"], ["retry", "--all", "--kind", "x"]])
def test_which_are_meant_is_said_in_one_way(words: list[str], say: Say) -> None:
    said = say(*words, "--yes")

    assert said.code == ExitCode.MISUSED
    assert "say which, in one way: by their ids; by --state, --kind, --queue, --tag, --batch, --since" in said.err


@pytest.mark.parametrize(
    "words", [["override", "nobody", "3"], ["freeze", "nobody"], ["freeze"], ["release", "nobody"], ["release"]]
)
def test_a_pool_that_is_none_cannot_be_steered(words: list[str], say: Say) -> None:
    said = say("scaling", *words)

    assert (said.code, said.out) == (ExitCode.NOT_FOUND, "")
    assert "so there is no pool to steer" in said.err
