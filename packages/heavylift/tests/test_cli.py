"""The command ``heavylift``."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import EntryPoint

import pytest

from heavylift import cli
from heavylift.cli import command
from heavylift.errors import StoreUnavailable


def say_arguments(argv: Sequence[str]) -> int:
    """A command of some package."""
    sys.stdout.write(f"{' '.join(argv)}\n")
    return 7


def fail(argv: Sequence[str]) -> int:
    """A command that something stops."""
    raise StoreUnavailable("Redis does not answer")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages with commands are installed, one of them not whole; api and worker are not."""
    points = [
        EntryPoint("echo", f"{__name__}:say_arguments", cli.ENTRY_POINT_GROUP),
        EntryPoint("fail", f"{__name__}:fail", cli.ENTRY_POINT_GROUP),
        EntryPoint("torn", "package_that_is_not_there:main", cli.ENTRY_POINT_GROUP),
    ]
    monkeypatch.setattr(command, "entry_points", lambda **_: points)


@pytest.mark.parametrize("argv", [[], ["--help"]])
def test_alone_it_lists_every_command_with_one_line_each(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):  # how argparse ends after --help
        assert cli.main(argv) == 0

    said = capsys.readouterr().out
    assert "  dev        Runs everything on this machine" in said
    assert "  dead       Lists, replays and discards dead letters" in said
    assert "  api        Receives tasks over HTTP" in said
    assert "  worker     Does the tasks" in said


@pytest.mark.usefixtures("installed")
def test_a_command_gets_the_arguments_behind_it_and_gives_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["echo", "--loud", "hello", "--help"]) == 7

    assert capsys.readouterr().out == "--loud hello --help\n"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("ecko", "there is no command 'ecko'; did you mean echo?"),
        ("xyzzy", "there is no command 'xyzzy'; there are dead, dev, echo, fail, keys, torn"),
        ("wroker", "there is no command 'wroker'; did you mean worker?"),
        ("worker", "the command 'worker' is not installed here: pip install heavylift-worker"),
        ("torn", "the command 'torn' cannot be loaded: No module named 'package_that_is_not_there'"),
        ("fail", "Redis does not answer"),
    ],
)
def test_what_does_not_work_is_one_sentence_and_exit_code_2(word: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([word]) == 2

    assert capsys.readouterr() == ("", f"heavylift: {sentence}\n")


def test_a_wrong_setting_is_one_sentence_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HEAVYLIFT_LOCAL_PORT", "eight thousand")

    assert cli.main(["dev"]) == 2

    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.startswith("heavylift: HEAVYLIFT_LOCAL_PORT: ")
