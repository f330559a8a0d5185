"""``heavylift dlq``, through a real API."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from heavylift import cli
from heavylift.cli.exit_codes import ExitCode
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure
from heavylift.state import FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.consumer import claim, register, submit

TORN = Failure("OSError", "it tore", retryable=True, traceback='Traceback: …\n  File "a.py"')
WORN = Failure("ValueError", "it wore out", retryable=False)


@dataclass(frozen=True, slots=True)
class Place:
    """An API without workers, and the store behind it."""

    url: str
    store: RedisStore
    namespace: str


Say = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def place(redis_server: EmbeddedRedis) -> Iterator[Place]:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    with ApiProcess(redis_server.url, namespace) as api, RedisStore.from_url(redis_server.url, namespace=namespace) as store:
        yield Place(api.base, store, namespace)


@pytest.fixture
def store(place: Place, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> RedisStore:
    """The store behind the API that the command finds in the environment: empty."""
    monkeypatch.setenv("HEAVYLIFT_URL", place.url)
    monkeypatch.setenv("COLUMNS", "200")
    with redis.Redis.from_url(redis_server.url) as server:
        for key in server.scan_iter(f"{place.namespace}:*", count=1000):
            server.delete(key)
    return place.store


@pytest.fixture
def say(store: RedisStore, capsys: pytest.CaptureFixture[str]) -> Say:
    """Say something to ``heavylift dlq``: its exit code and what it answers."""

    def run(*words: str) -> tuple[int, str]:
        code = cli.main(["dlq", *words])
        return code, capsys.readouterr().out

    return run


def die(store: RedisStore, count: int = 1, error: Failure = TORN, **fields: Any) -> list[str]:
    """Let this many tasks fail."""
    register(store)
    ids = submit(store, count, **fields)
    reason = FailureReason.EXHAUSTED if error is TORN else FailureReason.PERMANENT
    store.run(calls.Complete(tuple(Ended(d.id, d.fence, Failed(error, reason)) for d in claim(store, count))))
    return ids


def states(store: RedisStore, ids: list[str]) -> list[State | None]:
    records = (store.run(calls.Read(id_)) for id_ in ids)
    return [record.state if record else None for record in records]


def test_what_fails_most_comes_first(store: RedisStore, say: Say) -> None:
    die(store, 1, WORN, kind="mail.welcome")
    die(store, 3)

    code, said = say("groups")

    lines = [re.split(r"  +", line) for line in said.splitlines()]
    assert code == 0
    assert lines[0] == ["COUNT", "KIND", "QUEUE", "REASON", "FINGERPRINT", "FIRST", "LAST", "LAST ERROR"]
    assert lines[1][:5] == ["3", "demo.work", "default", "exhausted", TORN.fingerprint]
    assert lines[1][7] == "OSError: it tore"
    assert lines[2][:4] == ["1", "mail.welcome", "default", "permanent"]


def test_a_list_has_a_line_for_each_the_latest_first(store: RedisStore, say: Say) -> None:
    ids = die(store, 3, max_attempts=2)

    _, said = say("list", "--limit", "2")

    lines = said.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ids[:0:-1]
    assert re.fullmatch(r"\S+ +demo.work +default +exhausted +\d+s ago +1/2 +OSError: it tore", lines[1])
    assert lines[3] == "There are more: raise --limit, or narrow the filter."


def test_filters_select(store: RedisStore, say: Say) -> None:
    worn = die(store, 1, WORN)
    die(store, 2)
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    for words in (["--reason", "permanent"], ["--fingerprint", WORN.fingerprint]):
        assert [record["id"] for record in json.loads(say("list", "--json", *words)[1])] == worn
    assert len(json.loads(say("list", "--json", "--since", "1h", "--kind", "demo.work", "--queue", "default")[1])) == 3
    assert say("list", "--since", later)[1] == "No dead letters fit.\n"
    assert say("groups", "--until", "1h")[1] == "No dead letters fit.\n"


def test_json_has_what_the_api_tells(store: RedisStore, say: Say) -> None:
    (id_,) = die(store)

    (letter,) = json.loads(say("list", "--json")[1])
    (group,) = json.loads(say("groups", "--json")[1])

    assert (letter["id"], letter["reason"], letter["error"]["type"]) == (id_, "exhausted", "OSError")
    assert (group["count"], group["fingerprint"], group["error_type"]) == (1, TORN.fingerprint, "OSError")


def test_tasks_are_replayed_by_their_ids(store: RedisStore, say: Say) -> None:
    dead, other = die(store), submit(store)

    code, said = say("replay", dead[0], other[0], "nobody")

    assert code == 1  # not everything that was named was a dead letter
    assert said.splitlines() == [
        f"{dead[0]}  replayed, and queued",
        f"{other[0]}  the task is queued, and only what has failed can be replayed or discarded",
        "nobody  no task has the id nobody: it never existed, or its record has been kept for its time and is gone",
    ]
    assert states(store, dead) == [State.QUEUED]


def test_tasks_are_discarded_by_their_ids(store: RedisStore, say: Say) -> None:
    ids = die(store, 2)

    assert say("discard", ids[0]) == (0, f"{ids[0]}  discarded, a task of the kind demo.work\n")

    assert states(store, ids) == [None, State.FAILED]


def test_a_filter_only_says_what_it_fits_until_one_says_yes(store: RedisStore, say: Say) -> None:
    ids = die(store, 3)

    code, said = say("replay", "--kind", "demo.work")

    assert code == 0
    assert said.splitlines() == [
        "3 dead letters fit. Such as:",
        *(f"  {id_}" for id_ in ids),
        "Nothing was done. Say --yes to replay them.",
    ]
    assert states(store, ids) == [State.FAILED] * 3
    assert say("replay", "--kind", "demo.work", "--yes")[1].startswith("3 dead letters fit; 3 replayed; the last begins at ")
    assert states(store, ids) == [State.QUEUED] * 3


def test_a_rate_spreads_them_and_a_limit_bounds_them(store: RedisStore, say: Say) -> None:
    ids = die(store, 4)

    told = json.loads(say("replay", "--all", "--rate", "0.1", "--limit", "3", "--yes", "--json")[1])

    assert (told["matched"], told["changed"], told["more"], told["dry_run"]) == (3, 3, True, False)
    assert states(store, ids) == [State.QUEUED, State.SCHEDULED, State.SCHEDULED, State.FAILED]


def test_everything_is_discarded_only_when_it_is_said(store: RedisStore, say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    ids = die(store, 2)

    assert cli.main(["dlq", "discard", "--yes"]) == ExitCode.MISUSED
    assert capsys.readouterr().err.startswith("heavylift: say which, in one way: by their ids; by --kind")
    assert states(store, ids) == [State.FAILED] * 2

    assert say("discard", "--all", "--yes")[1] == "2 dead letters fit; 2 discarded.\n"
    assert states(store, ids) == [None, None]


def test_what_is_done_is_in_the_audit_log_and_what_is_only_looked_at_is_not(store: RedisStore, say: Say) -> None:
    one, two, _ = die(store, 3)

    say("replay", "--kind", "demo.work")
    say("replay", one, "nobody")
    say("replay", "--kind", "demo.work", "--limit", "1", "--yes")
    say("discard", two)
    say("discard", "--all", "--yes")

    entries = store.run(calls.ReadAudit()).entries[::-1]
    assert [(entry.action, entry.target) for entry in entries] == [
        ("task.replay", one),
        ("task.replay", "nobody"),
        ("dead_letters.replay", "kind=demo.work"),
        ("dead_letter.discard", two),
        ("dead_letters.discard", "all"),
    ]


@pytest.mark.parametrize(
    "words", [[], ["some-id", "--all"], ["some-id", "--kind", "demo.work"], ["--all", "--kind", "demo.work"], ["--rate", "5"]]
)
def test_which_are_meant_is_said_in_one_way(words: list[str], store: RedisStore, capsys: pytest.CaptureFixture[str]) -> None:
    (id_,) = die(store)

    assert cli.main(["dlq", "replay", *words, "--yes"]) == ExitCode.MISUSED

    assert "say which, in one way" in capsys.readouterr().err
    assert states(store, [id_]) == [State.FAILED]


def test_a_terminal_is_not_told_what_to_do_by_an_error(store: RedisStore, say: Say) -> None:
    die(store, error=replace(TORN, message="\x1b[2Jred\nand more\x07"))

    for words in (["list"], ["groups"]):
        _, said = say(*words)
        assert "\x1b" not in said
        assert r"OSError: \x1b[2Jred and more\x07" in said


def test_in_a_pipe_nothing_is_cut(store: RedisStore, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    die(store, error=replace(TORN, message="x" * 500))
    monkeypatch.setenv("COLUMNS", "80")

    assert say("list")[1].splitlines()[1].endswith("OSError: " + "x" * 500)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["list", "--since", "yesterday"], "'yesterday' is no time: say 90s, 30m, 2h, 7d ago, or 2026-01-31T12:00:00Z"),
        (["list", "--since", "2026-01-31"], "'2026-01-31' says no offset from UTC"),
        (["list", "--limit", "0"], "'--limit': '0' is no whole number above 0; see heavylift dlq list --help"),
        (["replay", "--rate", "fast", "--all"], "'fast' is no rate: say how many per second, 0.0001 or more"),
        (["list", "--reason", "boredom"], "'--reason': 'boredom' is not one of"),
        (["bury"], "No such command 'bury'; see heavylift dlq --help"),
        (["lisst"], "No such command 'lisst'. Did you mean 'list'?"),
        (["list", "extra"], "Got unexpected extra argument(s) (extra); see heavylift dlq list --help"),
    ],
)
def test_a_wrong_word_is_named(store: RedisStore, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dlq", *words]) == ExitCode.MISUSED

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("heavylift: ")
    assert sentence in line
