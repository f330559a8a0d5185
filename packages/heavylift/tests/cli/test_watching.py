"""Tasks that are watched: in a pipe, as JSON, and at a terminal."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from heavylift.cli.exit_codes import ExitCode
from tests.support.eventually import eventually

Say = Any  #: The fixture of conftest.
PROGRAM: Final = str(Path(sys.executable).with_name("heavylift"))


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


def _hear_interrupts() -> None:
    """As a shell does it; who runs tests in the background may have them ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """The command at a terminal of 80 columns, in a process of its own."""

    def __init__(self, url: str, *words: str, **settings: str) -> None:
        self._ours, theirs = pty.openpty()
        inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
        environment = inherited | {"HEAVYLIFT_URL": url, "TERM": "xterm-256color", "COLUMNS": "80"} | settings
        ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self._process = subprocess.Popen([PROGRAM, *words], **ends, env=environment, preexec_fn=_hear_interrupts)
        os.close(theirs)
        self.text = ""

    def read_until(self, pattern: str) -> None:
        while not re.search(pattern, self.text):
            self._read()

    def write(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(2)

    def end(self) -> int:
        """All that is written until the end, and the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(timeout=10)

    def _read(self) -> bool:
        try:
            read = os.read(self._ours, 65536).decode(errors="replace")
        except OSError:  # how a terminal says that nobody is at its other end
            read = ""
        self.text += read
        assert read or self._process.wait(timeout=10) is not None
        return bool(read)


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
