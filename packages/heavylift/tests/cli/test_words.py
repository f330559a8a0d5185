"""The words of the command ``heavylift``: which there are, how they are found, and what is said of wrong ones."""

import inspect
import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

import pytest
from typer.main import get_command

from heavylift import cli
from heavylift.cli import services
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.helping import first_sentence
from heavylift.cli.words import WORDS
from heavylift.errors import StoreUnavailable


def greet() -> int:
    """A service of some package."""
    sys.stdout.write("at your service\n")
    return 7


def fail() -> int:
    """A service that something stops."""
    raise StoreUnavailable("Redis does not answer")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three packages with services are installed, one of them not whole; api and worker are not."""
    points = [
        EntryPoint("salute", f"{__name__}:greet", services.ENTRY_POINT_GROUP),
        EntryPoint("fail", f"{__name__}:fail", services.ENTRY_POINT_GROUP),
        EntryPoint("torn", "package_that_is_not_there:main", services.ENTRY_POINT_GROUP),
    ]
    monkeypatch.setattr(services, "entry_points", lambda **_: points)


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_alone_it_lists_every_word_with_one_line_each(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(argv) == 0

    said = capsys.readouterr().out
    assert "  dev         Run everything on this machine" in said
    assert "  dlq        Dead letters: tasks that failed" in said
    assert "  api         Receives tasks over HTTP" in said
    assert "  worker      Does the tasks" in said


@pytest.mark.parametrize("word", WORDS)
def test_the_list_says_of_a_word_what_the_word_says_of_itself(word: str) -> None:
    behind = get_command(import_module(WORDS[word].module).app)

    assert first_sentence(behind.help) == WORDS[word].summary


@pytest.mark.usefixtures("installed")
def test_a_service_runs_by_its_word_and_gives_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["salute"]) == 7

    assert capsys.readouterr().out == "at your service\n"


@pytest.mark.usefixtures("installed")
def test_a_service_takes_no_further_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["salute", "--loud"]) == ExitCode.MISUSED

    assert capsys.readouterr() == ("", "heavylift: No such option: --loud; see heavylift salute --help\n")


@pytest.mark.parametrize("point", entry_points(group=services.ENTRY_POINT_GROUP), ids=lambda point: point.name)
def test_each_service_is_run_without_arguments(point: EntryPoint) -> None:
    assert not inspect.signature(point.load()).parameters


def test_a_service_starts_where_there_is_no_typer_and_other_words_say_what_they_need() -> None:
    without = "import sys; sys.modules['typer'] = None; from heavylift import cli; sys.exit(cli.main(sys.argv[1:]))"
    settings = os.environ | {"HEAVYLIFT_AUTOSCALER_POOLS": "", "COLUMNS": "80"}

    service = subprocess.run([sys.executable, "-c", without, "autoscaler"], env=settings, capture_output=True, text=True)
    other = subprocess.run([sys.executable, "-c", without, "keys", "list"], env=settings, capture_output=True, text=True)

    assert service.stderr == "heavylift autoscaler: there is no pool to scale: name one with HEAVYLIFT_AUTOSCALER_POOLS\n"
    assert other.returncode == ExitCode.MISUSED
    assert other.stderr.endswith("pip install 'heavylift[cli]'\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "offered", "not_offered"),
    [
        ("heavylift d", ["dev", "dlq"], ["keys"]),
        ("heavylift dlq d", ["discard"], ["groups"]),
        ("heavylift dlq list --f", ["--fingerprint"], ["--kind"]),
    ],
)
def test_a_shell_completes_words(
    shell: str,
    line: str,
    offered: list[str],
    not_offered: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {"_HEAVYLIFT_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    given |= {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1), "_TYPER_COMPLETE_ARGS": line}
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit, match=r"^0$"):
        cli.main([])

    said = capsys.readouterr().out
    assert [word for word in (*offered, *not_offered) if word in said] == offered


def test_help_is_there_at_once() -> None:
    """What it loads is looked at, and not the clock, which tells more of the machine than of the command."""
    program = "import sys; from heavylift import cli; cli.main(['--help']); print(*sys.modules, file=sys.stderr)"

    loaded = set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr.split())

    assert not loaded & {"rich", "pydantic", "redis", "celery", "fastapi", "structlog", "opentelemetry", "heavylift.settings"}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("salut", "there is no command 'salut'; did you mean salute?"),
        ("xyzzy", "there is no command 'xyzzy'; heavylift --help shows all"),
        ("wroker", "there is no command 'wroker'; did you mean worker?"),
        ("worker", "the command 'worker' is not installed here: pip install heavylift-worker"),
        ("torn", "the command 'torn' cannot be loaded: No module named 'package_that_is_not_there'"),
    ],
)
def test_a_word_that_is_not_there_is_one_sentence(word: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([word]) == ExitCode.MISUSED

    assert capsys.readouterr() == ("", f"heavylift: {sentence}\n")


@pytest.mark.usefixtures("installed")
def test_what_may_help_to_repeat_has_an_exit_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fail"]) == ExitCode.UNREACHABLE

    assert capsys.readouterr() == ("", "heavylift: Redis does not answer\n")


def test_a_wrong_setting_is_one_sentence_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HEAVYLIFT_LOCAL_PORT", "eight thousand")

    assert cli.main(["dev"]) == 2

    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.startswith("heavylift: HEAVYLIFT_LOCAL_PORT: ")
