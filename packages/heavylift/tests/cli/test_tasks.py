"""Tasks at a terminal: submitted, shown, listed, explained, called off, replayed."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heavylift.cli.exit_codes import ExitCode
from heavylift.local.processes import free_port
from tests.support.eventually import eventually

Say = Any  #: The fixture of conftest.


def test_a_task_is_submitted_and_its_id_is_all_that_is_written(say: Say) -> None:
    said = say("submit", "sample.add", '{"a": 2, "b": 3}')

    assert said.code == ExitCode.DONE
    task_id = said.out.strip()
    eventually(lambda: say("get", task_id, "--json").json, holds=lambda task: task["state"] == "succeeded", claim="its end")
    assert say("get", task_id, "--json").json["result"] == 5


@pytest.mark.parametrize("way", ["text", "fields", "file", "standard input"])
def test_a_payload_comes_in_several_ways(way: str, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    payload = '{"a": 2, "b": 40}'
    (tmp_path / "payload.json").write_text(payload)
    monkeypatch.setattr("sys.stdin", io.StringIO(payload))
    words = {
        "text": [payload],
        "fields": ["-f", "a=2", "--field", "b=40"],
        "file": [f"@{tmp_path / 'payload.json'}"],
        "standard input": ["-"],
    }

    said = say("submit", "sample.add", *words[way], "--wait")

    assert (said.code, said.out) == (ExitCode.DONE, "42\n")


def test_a_submission_has_all_that_the_api_takes(say: Say) -> None:
    words = ["--priority", "high", "--delay", "1h", "--expires", "2h", "--tag", "a", "--tag", "b", "--queue", "default"]
    first = say("submit", "sample.ping", *words, "--unique", "order-1", "--idempotency-key", "k-1", "--json").json

    again = say("submit", "sample.ping", *words, "--unique", "order-1", "--idempotency-key", "k-1", "--json").json
    other = say("submit", "sample.ping", "--unique", "order-1", "--json").json

    assert first["state"] == "scheduled"
    assert (again["id"], again["replayed"]) == (first["id"], True)
    assert (other["id"], other["existing"]) == (first["id"], True)
    task = say("get", first["id"], "--json").json
    assert (task["priority"], task["tags"]) == ("high", ["a", "b"])


def test_a_task_that_fails_is_one_sentence_and_exit_code_1(say: Say) -> None:
    said = say("submit", "sample.raise", "--wait")

    assert (said.code, said.out) == (ExitCode.TASK_FAILED, "")
    assert "has ended as failed: " in said.err.splitlines()[-1]


def test_whoever_waits_too_short_is_told_that_it_goes_on(say: Say) -> None:
    said = say("submit", "sample.sleep", "-f", "seconds=30", "--wait", "--timeout", "0s")

    assert said.code == ExitCode.TIME_OVER
    task_id = said.err.splitlines()[0]
    assert f"the task {task_id} is " in said.err
    assert say("cancel", task_id).code == ExitCode.DONE


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (
            ["submit", "sample.ad"],
            ExitCode.NOT_FOUND,
            "no worker has published a kind named 'sample.ad'; did you mean sample.add",
        ),
        (["submit", "sample.add", "-f", "a=2"], ExitCode.MISUSED, "payload.b: is missing"),
        (["submit", "sample.add", "{a"], ExitCode.MISUSED, "the payload is no JSON: "),
        (["submit", "sample.add", "@nowhere.json"], ExitCode.MISUSED, "nowhere.json cannot be read: No such file"),
        (["submit", "sample.add", "{}", "-f", "a=2"], ExitCode.MISUSED, "keep one of the two"),
        (["submit", "sample.add", "-f", "a"], ExitCode.MISUSED, "--field 'a' is no name=value"),
        (["submit", "sample.ping", "--delay", "soon"], ExitCode.MISUSED, "'soon' is no time: say 90s, 30m, 12h, 7d"),
        (["submit", "sample.ping", "--at", "2026-01-31"], ExitCode.MISUSED, "says no offset from UTC"),
        (["get", "nobody"], ExitCode.NOT_FOUND, "no task has the id nobody"),
        (["watch"], ExitCode.MISUSED, "say what to watch"),
        (["watch", "--batch", "nobody"], ExitCode.NOT_FOUND, "batch"),
        (["cancel", "--batch", "x", "some-id"], ExitCode.MISUSED, "say which, in one way"),
        (["list", "--state", "done"], ExitCode.MISUSED, "'done' is not one of"),
        (["kinds", "sample.ad"], ExitCode.NOT_FOUND, "did you mean sample.add"),
    ],
)
def test_what_does_not_work_is_one_sentence(words: list[str], code: ExitCode, sentence: str, say: Say) -> None:
    said = say(*words)

    assert (said.code, said.out) == (code, "")
    [line] = said.err.splitlines()
    assert line.startswith("heavylift: ")
    assert sentence in line


def test_an_id_that_is_nearly_right_is_completed(say: Say) -> None:
    task_id = say("submit", "sample.ping").out.strip()

    for nearly in (task_id[:30], task_id[5:], f"{task_id[:-1]}x"):
        assert f"did you mean {task_id}?" in say("get", nearly).err


def test_where_nothing_answers_the_address_and_the_fix_are_told(say: Say) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    said = say("list", "--url", url)

    assert said.code == ExitCode.UNREACHABLE
    assert said.err.startswith(f"heavylift: {url}: ")
    assert said.err.endswith("--url or HEAVYLIFT_URL says where Heavylift is, and heavylift dev starts one here\n")


def test_tasks_are_listed_newest_first_and_filtered(say: Say) -> None:
    ids = [say("submit", "sample.ping", "--tag", "listed").out.strip() for _ in range(3)]

    found = say("list", "--tag", "listed", "--json").json
    said = say("list", "--tag", "listed", "--limit", "2").out.splitlines()

    assert [task["id"] for task in found] == ids[::-1]
    assert said[0].split() == ["ID", "STATE", "KIND", "QUEUE", "SUBMITTED", "TRY", "SAYS"]
    assert [line.split()[0] for line in said[1:3]] == ids[:0:-1]
    assert said[3] == "There are more: raise --limit, or narrow the filter."
    assert say("list", "--tag", "nobody's").out == "No tasks fit.\n"


def test_why_a_task_waits_is_told_in_a_paragraph(say: Say) -> None:
    task_id = say("submit", "sample.ping", "--delay", "1h").out.strip()

    said = say("why", task_id)

    assert said.out.startswith("The task is scheduled. ")
    assert "It will probably start in about " in " ".join(said.out.split())
    assert max(map(len, said.out.splitlines())) <= 100
    assert say("why", task_id, "--json").json["waits_for"] == "delay"


def test_tasks_are_called_off_and_each_is_told_of(say: Say) -> None:
    waiting = say("submit", "sample.ping", "--delay", "1h").out.strip()
    ended = say("submit", "sample.ping", "--wait").err.strip()

    said = say("cancel", waiting, ended, "nobody")

    assert said.code == ExitCode.TASK_FAILED
    one, two, three = said.out.splitlines()
    assert one == f"{waiting}  cancelled"
    assert two == f"{ended}  the task has ended as succeeded already"
    assert three.startswith("nobody  no task has the id nobody")
    assert [told["changed"] for told in say("cancel", ended, "--json").json] == [False]


def test_a_task_that_failed_is_replayed(say: Say) -> None:
    task_id = say("submit", "sample.raise", "--wait").err.splitlines()[0]

    said = say("replay", task_id)

    assert (said.code, said.out.split("  ")[1].startswith("replayed, and ")) == (ExitCode.DONE, True)


def test_all_that_is_known_of_a_task_is_shown(say: Say) -> None:
    task_id = say("submit", "sample.raise", "--wait").err.splitlines()[0]

    said = say("get", task_id).out

    assert f"id           {task_id}\n" in said
    assert "state        failed\n" in said
    assert "Traceback (most recent call last):" in said
    assert say("get", task_id, "--json").json["attempts"][0]["fate"] == "failed"


def test_kinds_are_listed_and_one_is_shown_whole(say: Say) -> None:
    assert {kind["name"] for kind in say("kinds", "--json").json} >= {"sample.add", "context.count"}
    assert any(line.split()[:4] == ["sample.add", "default", "a,", "b"] for line in say("kinds").out.splitlines())
    assert '"a"' in say("kinds", "sample.add").out


def test_without_an_autoscaler_that_is_said(say: Say) -> None:
    assert say("scaling", "show").out == "There is no autoscaler here, or it has decided nothing yet.\n"
    assert say("scaling", "show", "--json").json["pools"] == []


def test_kinds_are_completed_by_asking_the_api(
    say: Say, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_HEAVYLIFT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "heavylift submit sample.ad")
    monkeypatch.setenv("COMP_CWORD", "2")

    with pytest.raises(SystemExit, match=r"^0$"):
        say()

    assert capsys.readouterr().out.split() == ["sample.add", "sample.add_async"]


def test_the_command_runs_as_a_program(heavylift_url: str) -> None:
    program = str(Path(sys.executable).with_name("heavylift"))
    environment = os.environ | {"HEAVYLIFT_URL": heavylift_url}

    ran = subprocess.run(
        [program, "submit", "sample.add", "-", "--wait", "--json"],
        input='{"a": 1, "b": 1}',
        env=environment,
        capture_output=True,
        text=True,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["result"] == 2


def test_a_reader_who_goes_away_is_no_error(say: Say, heavylift_url: str) -> None:
    program = str(Path(sys.executable).with_name("heavylift"))

    ran = subprocess.run(
        ["sh", "-c", f"{program} kinds sample.add | head -1"],
        env=os.environ | {"HEAVYLIFT_URL": heavylift_url},
        capture_output=True,
        text=True,
    )

    assert (ran.stdout.startswith("kind"), ran.stderr) == (True, "")
