"""The key that the command shows: from a file, the environment or a prompt, and never from its words."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from heavylift import cli
from heavylift.access import Scope
from heavylift.cli.exit_codes import ExitCode
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.keys import make_key
from tests.support.terminal import Terminal

NAMESPACE = f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def guarded_url(redis_server: EmbeddedRedis) -> Iterator[str]:
    """An API that asks for a key."""
    with ApiProcess(redis_server.url, NAMESPACE, HEAVYLIFT_AUTH="on") as api:
        yield api.base


@pytest.fixture
def url(guarded_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same, said in the environment."""
    monkeypatch.setenv("HEAVYLIFT_URL", guarded_url)
    return guarded_url


@pytest.fixture
def key(redis_server: EmbeddedRedis) -> str:
    """A key that may read."""
    with RedisStore.from_url(redis_server.url, namespace=NAMESPACE) as store:
        return make_key(store, Scope.READ).text


def test_the_key_is_in_a_file_or_in_the_environment(
    url: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["list"]) == ExitCode.REFUSED
    assert capsys.readouterr().err.startswith("heavylift: ")

    (tmp_path / "key").write_text(f"{key}\n")
    monkeypatch.setenv("HEAVYLIFT_KEY_FILE", str(tmp_path / "key"))
    assert cli.main(["list"]) == ExitCode.DONE

    monkeypatch.delenv("HEAVYLIFT_KEY_FILE")
    monkeypatch.setenv("HEAVYLIFT_KEY", key)
    assert cli.main(["list"]) == ExitCode.DONE


def test_what_the_key_is_not_good_for_is_refused(
    url: str, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEAVYLIFT_KEY", key)

    assert cli.main(["audit"]) == ExitCode.REFUSED

    assert capsys.readouterr() == ("", "heavylift: the key lacks the scope admin\n")


def test_at_a_terminal_the_key_is_asked_for_and_is_neither_shown_nor_among_the_words(url: str, key: str) -> None:
    terminal = Terminal(url, "list")

    terminal.read_until(r"A key is asked for .*: ")  # the space comes once what is typed is hidden
    words = terminal.words()
    terminal.write(f"{key}\n")

    assert terminal.end() == ExitCode.DONE
    assert "No tasks fit." in terminal.text
    assert key not in terminal.text
    assert words[-2:] == ["list", ""]


def test_no_word_takes_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--key", "hl_something"]) == ExitCode.MISUSED

    assert "hl_something" not in capsys.readouterr().err
