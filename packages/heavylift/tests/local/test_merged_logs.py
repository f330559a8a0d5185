"""Lines of several processes in one stream."""

import io
import os

import pytest

from heavylift.local.merged_logs import MergedLogs


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def follow(logs: MergedLogs, name: str, text: bytes) -> None:
    """Let a process say something, through a real pipe, and end."""
    reading, writing = os.pipe()
    logs.follow(name, os.fdopen(reading, "rb"))
    with os.fdopen(writing, "wb") as stream:
        stream.write(text)
    logs.last_words(name)


def test_each_line_is_under_the_name_of_its_process() -> None:
    output = io.StringIO()
    logs = MergedLogs(output, ("api", "worker"))

    follow(logs, "api", b"one\ntwo\n")
    follow(logs, "worker", "drei ✓".encode())

    assert output.getvalue() == "api    │ one\napi    │ two\nworker │ drei ✓\n"


def test_names_are_coloured_on_a_terminal_only() -> None:
    terminal = Terminal()

    follow(MergedLogs(terminal, ("api", "worker")), "worker", b"one\n")

    assert terminal.getvalue() == "\x1b[33mworker │ \x1b[0mone\n"


def test_the_last_words_are_the_last_lines_even_where_nothing_is_written() -> None:
    logs = MergedLogs(None, ("api",))

    follow(logs, "api", b"".join(b"line %d\n" % number for number in range(100)))

    assert logs.last_words("api").splitlines() == [f"line {number}" for number in range(85, 100)]


def test_a_process_that_is_started_again_begins_anew() -> None:
    logs = MergedLogs(None, ("api",))
    follow(logs, "api", b"first life\n")

    follow(logs, "api", b"")

    assert logs.last_words("api") == "(it said nothing)"


@pytest.mark.parametrize("text", [b"\xff\xfe\n", b"no line end"])
def test_whatever_a_process_writes_is_shown(text: bytes) -> None:
    output = io.StringIO()

    follow(MergedLogs(output, ("api",)), "api", text)

    assert output.getvalue() == f"api │ {text.decode(errors='replace').strip()}\n"
