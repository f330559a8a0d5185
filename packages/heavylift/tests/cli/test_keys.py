"""``heavylift keys`` on a real store."""

import json
import os
import pwd
import re
import socket
from collections.abc import Callable

import pytest

from heavylift import cli
from heavylift.access import Scope, read_key
from heavylift.audit import Actor, Door, Outcome
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore

Say = Callable[..., tuple[int, str, str]]

USER = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"


@pytest.fixture
def say(
    redis_server: EmbeddedRedis,
    redis_store: RedisStore,
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Say:
    """Say something to ``heavylift keys``: its exit code and what it answers."""
    monkeypatch.setenv("HEAVYLIFT_STORE_URL", redis_server.url)
    monkeypatch.setenv("HEAVYLIFT_STORE_NAMESPACE", namespace)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(["keys", *words])
        return code, *capsys.readouterr()

    return run


def test_a_key_is_made_listed_rotated_and_revoked(say: Say, redis_store: RedisStore) -> None:
    code, said, _ = say("create", "--name", "the shop", "--scope", "submit", "--scope", "read", "--tenant", "shop")
    text = read_key(said.splitlines()[0])
    assert code == 0
    assert text is not None

    code, said, _ = say("list")
    assert text.text not in said
    assert said.splitlines()[1].split("  ")[0] == text.id
    (key,) = redis_store.run(calls.ReadKeys()).keys or ()
    assert (key.digest, key.scopes, key.tenant) == (text.digest, (Scope.SUBMIT, Scope.READ), "shop")

    code, said, _ = say("rotate", text.id, "--grace", "0s", "--json")
    told = json.loads(said)
    assert told["id"] == text.id
    assert told["key"] != text.text
    assert "digest" not in said

    code, said, _ = say("revoke", text.id)
    assert code == 0
    assert re.search(r"revoked \d+s ago", said)
    assert say("rotate", text.id)[0] == 2


def test_what_is_done_with_keys_is_in_the_audit_log(say: Say, redis_store: RedisStore) -> None:
    made = json.loads(say("create", "--name", "the shop", "--scope", "read", "--json")[1])
    say("revoke", made["id"])
    say("rotate", made["id"])

    rotated, revoked, created = redis_store.run(calls.ReadAudit()).entries

    for entry, action in ((created, "key.create"), (revoked, "key.revoke"), (rotated, "key.rotate")):
        assert (entry.action, entry.target, entry.actor) == (action, made["id"], Actor(Door.TERMINAL, USER))
    assert (created.outcome, rotated.outcome) == (Outcome(), Outcome("failed"))
    assert created.details == {"name": "the shop", "scopes": ["read"], "tenant": ""}
    assert rotated.details == {"grace": 3600.0}


def test_a_key_may_be_made_up_without_a_store(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HEAVYLIFT_STORE_URL", "redis://127.0.0.1:1")

    assert cli.main(["keys", "generate"]) == 0

    assert read_key(capsys.readouterr().out.strip()) is not None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("create", "--name", "x", "--scope", "everything"), "'everything' is not one of"),
        (("create", "--name", "x", "--scope", "read", "--expires-in", "soon"), "'soon' is no time: say 90s, 30m, 12h, 7d"),
        (("create", "--name", "x", "--scope", "read", "--tenant", "a b"), "a tenant has up to 64 letters"),
        (("revoke", "nobody"), "no key has the id nobody; heavylift keys list shows all"),
    ],
)
def test_what_does_not_work_is_said_and_exit_code_2(say: Say, words: tuple[str, ...], sentence: str) -> None:
    code, _, said = say(*words)

    assert code == 2
    assert sentence in said
