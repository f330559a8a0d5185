"""Tasks that are watched: in a pipe, as JSON, and at a terminal."""

import re
from pathlib import Path
from typing import Any

from heavylift.cli.exit_codes import ExitCode
from tests.support.eventually import eventually
from tests.support.terminal import Terminal

Say = Any  #: The fixture of conftest.


def test_in_a_pipe_each_event_is_a_line(say: Say) -> None:
    said = say("submit", "logging.process", "-f", "text=moving", "--follow")

    assert said.code == ExitCode.DONE
    told = [re.sub(r"^\d\d:\d\d:\d\d  ", "", line) for line in said.out.splitlines()]
    assert [line for line in told if "moving" in line] == [
        "info     moving from logging customer=42",
        "warning  moving from structlog size=3.5",
        "error    moving from celery",
    ]
    assert told[0].startswith(("queued", "running"))
    assert told[-1] == "succeeded, try 1"


def test_as_json_each_event_is_a_document_that_ends_with_the_result(say: Say) -> None:
    said = say("submit", "sample.add", '{"a": 1, "b": 2}', "--follow", "--json")

    last = said.json_lines[-1]
    assert {told["event"] for told in said.json_lines} == {"state", "end"}
    assert (last["event"], last["data"]["state"], last["data"]["result"]) == ("end", "succeeded", 3)
    assert last["task"] == last["data"]["id"]


def test_several_are_watched_at_once_and_one_that_fails_makes_the_exit_code(say: Say) -> None:
    ids = [say("submit", kind).out.strip() for kind in ("sample.ping", "sample.raise")]

    said = say("watch", *ids)

    assert said.code == ExitCode.TASK_FAILED
    assert {line.split("  ")[0] for line in said.out.splitlines() if re.match("[0-9a-f]{8}-", line)} == set(ids)
    assert any(line.startswith(ids[0]) and "succeeded" in line for line in said.out.splitlines())
    assert any(line.startswith(ids[1]) and "failed" in line for line in said.out.splitlines())


def test_whoever_watches_too_short_is_told_that_it_goes_on(say: Say) -> None:
    task_id = say("submit", "sample.ping", "--delay", "1h").out.strip()

    said = say("watch", task_id, "--timeout", "1s")

    assert said.code == ExitCode.TIME_OVER
    assert "goes on, and can be watched again" in said.err


def test_logs_are_shown_by_level_and_followed(say: Say) -> None:
    task_id = say("submit", "logging.process", "-f", "text=seen", "--wait").err.strip()

    lines = [re.sub(r"^\d\d:\d\d:\d\d  ", "", line) for line in say("logs", task_id, "--level", "warning").out.splitlines()]

    assert lines == ["warning  seen from structlog size=3.5", "error    seen from celery"]
    assert [line["level"] for line in say("logs", task_id, "--json").json_lines] == ["info", "warning", "error"]
    assert [line["level"] for line in say("logs", task_id, "--follow", "--json").json_lines] == ["info", "warning", "error"]


def test_at_a_terminal_there_are_bars_with_lines_above_them_and_the_result_below(heavylift_url: str, tmp_path: Path) -> None:
    terminal = Terminal(heavylift_url, "submit", "context.count", "-f", f"path={tmp_path / 'x'}", "-f", "rows=7", "--follow")

    assert terminal.end() == ExitCode.DONE
    assert "━━━━" in terminal.text
    assert "7 of 7, row 7" in terminal.text
    assert terminal.text.rstrip().endswith("7")
    assert "\x1b[?25h" in terminal.text  # the cursor is shown again


def test_ctrl_c_leaves_the_terminal_whole_and_the_task_alone(heavylift_url: str, say: Say) -> None:
    task_id = say("submit", "sample.sleep", "-f", "seconds=30").out.strip()
    terminal = Terminal(heavylift_url, "watch", task_id)
    terminal.read_until("running|queued")

    terminal.interrupt()

    assert terminal.end() == ExitCode.INTERRUPTED
    assert "Traceback" not in terminal.text
    assert "\x1b[?25h" in terminal.text
    assert say("get", task_id, "--json").json["state"] in ("queued", "running")
    say("cancel", task_id)


def test_a_table_fits_the_terminal_and_keeps_ids_whole(heavylift_url: str, say: Say) -> None:
    task_id = say("submit", "sample.raise", "--tag", "a-table", "--wait").err.splitlines()[0]
    terminal = Terminal(heavylift_url, "list", "--tag", "a-table", NO_COLOR="1")

    assert terminal.end() == ExitCode.DONE
    assert task_id in terminal.text
    assert "\x1b[3" not in terminal.text
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()) for line in terminal.text.splitlines()) <= 80
    assert eventually(lambda: "failed" in terminal.text)
