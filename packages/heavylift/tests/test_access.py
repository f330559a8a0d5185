"""Keys: what they look like, what is kept of them, and what a secret is to one."""

import ast
import hashlib
import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from heavylift.access import ApiKey, Scope, Verdict, api_key, granted, new_key, read_key
from heavylift.access.key_text import PATTERN

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MINE, OTHER = new_key(), new_key()
KEY = ApiKey(id=MINE.id, name="shop", scopes=(Scope.READ,), tenant="", digest=MINE.digest, created_at=NOW)


def test_a_key_is_found_by_scanners_and_read_again() -> None:
    for _ in range(200):
        made = new_key()

        assert re.fullmatch(PATTERN, made.text)
        assert read_key(made.text) == made


def test_no_two_keys_have_anything_in_common() -> None:
    many = [new_key() for _ in range(1000)]

    assert len({key.id for key in many}) == len({key.text[16:] for key in many}) == 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hl_",
        MINE.text[:-1],
        MINE.text + "0",
        MINE.text.upper(),
        MINE.text.replace("hl_", "lh_"),
        f" {MINE.text}",
        f"{MINE.text}\n",
        MINE.text[:20] + ("a" if MINE.text[20] != "a" else "b") + MINE.text[21:],
    ],
    ids=range(9),
)
def test_a_text_that_was_cut_or_mistyped_is_no_key(text: str) -> None:
    assert read_key(text) is None


def test_what_is_kept_is_a_hash_of_the_whole() -> None:
    assert MINE.digest == hashlib.sha256(MINE.text.encode()).hexdigest()


def test_neither_a_key_nor_its_hash_is_shown_by_chance() -> None:
    assert MINE.text not in repr(MINE)
    assert MINE.digest not in repr(KEY)


def test_a_right_secret_is_let_in_and_a_wrong_one_is_not() -> None:
    assert KEY.judge(MINE.digest, NOW) is Verdict.ADMITTED
    assert KEY.judge(OTHER.digest, NOW) is Verdict.WRONG


def test_a_key_that_expires_counts_until_then() -> None:
    key = replace(KEY, expires_at=NOW)

    assert key.judge(MINE.digest, NOW - timedelta(milliseconds=1)) is Verdict.ADMITTED
    assert key.judge(MINE.digest, NOW) is Verdict.EXPIRED


def test_a_secret_that_was_rotated_away_counts_until_its_grace_is_over() -> None:
    key = replace(KEY, digest=OTHER.digest, former_digest=MINE.digest, former_until=NOW)

    assert key.judge(OTHER.digest, NOW) is Verdict.ADMITTED
    assert key.judge(MINE.digest, NOW - timedelta(milliseconds=1)) is Verdict.ADMITTED
    assert key.judge(MINE.digest, NOW) is Verdict.WRONG


def test_only_who_has_the_secret_learns_that_a_key_is_revoked() -> None:
    key = replace(KEY, revoked_at=NOW, expires_at=NOW)

    assert key.judge(MINE.digest, NOW) is Verdict.REVOKED
    assert key.judge(OTHER.digest, NOW) is Verdict.WRONG


def test_hashes_are_compared_in_the_same_time_wherever_they_differ() -> None:
    """By its code: a stopwatch would tell of the machine."""
    tree = ast.parse(inspect.getsource(api_key))
    compared = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare) and "digest" in ast.unparse(node)]
    called = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and "digest" in ast.unparse(node)]

    assert compared == []
    assert called.count("hmac.compare_digest") == 2


def test_an_administrator_may_do_everything_and_others_what_they_were_given() -> None:
    assert granted([Scope.ADMIN]) == set(Scope)
    assert granted([Scope.SUBMIT, Scope.READ]) == {Scope.SUBMIT, Scope.READ}
