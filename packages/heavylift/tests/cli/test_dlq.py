"""``heavylift dlq`` on a real store."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heavylift import cli
from heavylift.audit import Door, Outcome
from heavylift.cli.exit_codes import ExitCode
from heavylift.local.processes import free_port
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure
from heavylift.state import FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit

TORN = Failure("OSError", "it tore", retryable=True, traceback='Traceback: …\n  File "a.py"')
WORN = Failure("ValueError", "it wore out", retryable=False)

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def store(redis_store: RedisStore, redis_server: EmbeddedRedis, namespace: str, monkeypatch: pytest.MonkeyPatch) -> RedisStore:
    """The store that the command finds in the environment."""
    monkeypatch.setenv("HEAVYLIFT_STORE_URL", redis_server.url)
    monkeypatch.setenv("HEAVYLIFT_STORE_NAMESPACE", namespace)
    monkeypatch.setenv("COLUMNS", "200")
    return redis_store


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
    assert re.split(r"  +", lines[1])[1:] == ["demo.work", "default", "exhausted", "0s ago", "1/2", "OSError: it tore"]
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


def test_one_task_is_shown_with_its_history_and_its_traceback(store: RedisStore, say: Say) -> None:
    (id_,) = die(store, payload='{"n": 1}', tags=("a", "b"))

    _, said = say("show", id_)

    for line in (f"id           {id_}", "reason       exhausted", 'payload      {"n": 1}', "tags         a, b"):
        assert line in said.splitlines()
    assert re.search(r"^1    1    failed  w1 .*OSError: it tore$", said, flags=re.MULTILINE)
    assert 'File "a.py"' in said


def test_json_has_all_that_is_known(store: RedisStore, say: Say) -> None:
    (id_,) = die(store, payload='{"n": 1}')

    shown = json.loads(say("show", id_, "--json")[1])

    assert (shown["id"], shown["payload"], shown["reason"], shown["error"]["type"]) == (id_, {"n": 1}, "exhausted", "OSError")
    assert shown["attempts"][0]["fate"] == "failed"
    (group,) = json.loads(say("groups", "--json")[1])
    assert (group["count"], group["last_id"], group["fingerprint"]) == (1, id_, TORN.fingerprint)


def test_tasks_are_replayed_by_their_ids(store: RedisStore, say: Say) -> None:
    dead, other = die(store), submit(store)

    code, said = say("replay", dead[0], other[0], "nobody")

    assert code == 1  # not everything that was named was a dead letter
    assert said.splitlines() == [
        f"{dead[0]}  replayed",
        f"{other[0]}  is queued, and so no dead letter",
        "nobody  there is no such task",
    ]
    assert states(store, dead) == [State.QUEUED]


def test_tasks_are_discarded_by_their_ids(store: RedisStore, say: Say) -> None:
    ids = die(store, 2)

    assert say("discard", ids[0]) == (0, f"{ids[0]}  discarded\n")

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
    assert capsys.readouterr().err.startswith("heavylift: name tasks by their ids, or say which by --kind")
    assert states(store, ids) == [State.FAILED] * 2

    assert say("discard", "--all", "--yes")[1] == "2 dead letters fit; 2 discarded.\n"
    assert states(store, ids) == [None, None]


def test_what_is_done_is_in_the_audit_log_and_what_is_only_looked_at_is_not(store: RedisStore, say: Say) -> None:
    one, two, three = die(store, 3)

    say("replay", "--kind", "demo.work")
    say("replay", one, "nobody", "--rate", "5")
    say("replay", "--kind", "demo.work", "--limit", "1", "--yes")
    say("discard", three, two)
    say("discard", "--all", "--yes")

    entries = store.run(calls.ReadAudit()).entries[::-1]
    assert {entry.actor.door for entry in entries} == {Door.TERMINAL}
    assert [(entry.action, entry.target, entry.outcome) for entry in entries] == [
        ("task.replay", one, Outcome()),
        ("task.replay", "nobody", Outcome("task-not-found")),
        ("dead_letters.replay", "kind=demo.work", Outcome(changed=1)),
        ("dead_letter.discard", three, Outcome()),
        ("dead_letter.discard", two, Outcome("not-dead")),
        ("dead_letters.discard", "all", Outcome(changed=0)),
    ]
    assert entries[0].details == {"rate": 5.0}


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
        (["replay", "--rate", "fast", "--all"], "'fast' is no rate: say how many per second, above 0"),
        (["list", "--reason", "boredom"], "'--reason': 'boredom' is not one of"),
        (["bury"], "No such command 'bury'; see heavylift dlq --help"),
        (["lisst"], "No such command 'lisst'. Did you mean 'list'?"),
        (["show"], "Missing argument 'ID'; see heavylift dlq show --help"),
    ],
)
def test_a_wrong_word_is_named(store: RedisStore, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dlq", *words]) == ExitCode.MISUSED

    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("heavylift: ")
    assert sentence in line


def test_a_task_that_never_was_is_one_sentence(store: RedisStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dlq", "show", "nobody"]) == ExitCode.NOT_FOUND

    assert capsys.readouterr().err.startswith("heavylift: no task has the id nobody: ")


def test_without_redis_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HEAVYLIFT_STORE_URL", f"redis://127.0.0.1:{free_port()}/0")

    assert cli.main(["dlq", "list"]) == ExitCode.UNREACHABLE

    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.startswith("heavylift: ")
