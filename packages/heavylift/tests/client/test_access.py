"""Where a client goes, and the key that it shows there."""

import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from heavylift.access import Scope, new_key
from heavylift.client import AsyncClient, Client
from heavylift.client.errors import ScopeMissing, Unauthenticated
from heavylift.errors import ConfigurationInvalid
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.settings import ClientSettings
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.keys import make_key
from tests.support.kinds import KINDS


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_address_and_key_come_from_the_environment_where_the_code_gives_none(
    client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(new_key().text + "\n")
    monkeypatch.setenv("HEAVYLIFT_URL", "https://heavylift.example.com/")
    monkeypatch.setenv("HEAVYLIFT_KEY_FILE", str(key_file))

    assert client().address == "https://heavylift.example.com"
    assert ClientSettings.load().shown_key() == key_file.read_text().strip()


def test_without_anything_said_it_goes_to_the_api_of_this_machine() -> None:
    assert Client().address == "http://127.0.0.1:8000"


def test_two_keys_are_one_too_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text("x")
    monkeypatch.setenv("HEAVYLIFT_KEY", new_key().text)
    monkeypatch.setenv("HEAVYLIFT_KEY_FILE", str(key_file))

    with pytest.raises(ConfigurationInvalid, match="HEAVYLIFT_KEY has a key, too"):
        Client()


@pytest.mark.parametrize(
    ("url", "key", "told"),
    [
        ("ftp://x", None, "begins with http:// or https://"),
        ("http://", None, "is like https://heavylift.example.com"),
        ("http://ada:secret@host", None, "who calls is told by key"),
        ("http://host?key=secret", None, "without user name"),
        ("http://host", "hl_secret", "they are like hl_"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_secret_is_repeated(url: str, key: str | None, told: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=told) as refused:
        Client(url, key=key)

    assert "secret" not in "".join(traceback.format_exception_only(refused.value))


def test_a_timeout_is_above_nothing() -> None:
    with pytest.raises(ConfigurationInvalid, match="above 0"):
        Client("http://host", timeout=0)


def test_a_key_is_shown_and_is_in_no_representation_log_or_error(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis_store.run(calls.Publish(KINDS))
    key, stranger = make_key(redis_store, Scope.SUBMIT), new_key()
    api = ApiProcess(redis_server.url, namespace, HEAVYLIFT_AUTH="on")
    try:
        api.start()
        with (
            caplog.at_level(logging.DEBUG),
            Client(api.base, key=key.text) as client,
            Client(api.base, key=stranger.text) as other,
        ):
            handle = client.submit("demo.anything")
            with pytest.raises(ScopeMissing, match="lacks the scope read") as missing:
                handle.read()
            with pytest.raises(Unauthenticated) as refused:
                other.submit("demo.anything")
            with pytest.raises(Unauthenticated), Client(api.base) as nobody:
                nobody.catalogue()
            said = "".join([repr(client), repr(client.__dict__), repr(handle), caplog.text])
    finally:
        api.stop()

    said += "".join(traceback.format_exception(missing.value) + traceback.format_exception(refused.value))
    assert key.text not in said
    assert stranger.text not in said
