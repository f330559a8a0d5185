"""What there is besides tasks: kinds, keys, scaling."""

from datetime import timedelta
from typing import Any

import pytest

from heavylift.access import Scope
from heavylift.client.errors import KeyUnknown, KindUnknown, RequestInvalid
from heavylift.retry import RetryPolicy
from tests.support.kinds import KINDS, WELCOME


def test_kinds_are_told_as_their_worker_published_them(client: Any) -> None:
    assert [kind.name for kind in client.catalogue()] == sorted(kind.name for kind in KINDS)
    kind = client.kind("mail.welcome")
    assert (kind.queue, kind.priority, kind.timeout, kind.version) == ("mail", "high", 30.0, WELCOME.version)
    assert kind.retry == RetryPolicy(max_attempts=7, base=0.5)
    assert kind.payload_schema == WELCOME.payload_schema
    with pytest.raises(KindUnknown, match=r"did you mean mail.welcome"):
        client.kind("mail.welcom")


def test_keys_are_made_rotated_and_revoked_and_their_secret_is_in_no_representation(client: Any) -> None:
    made = client.keys.create("a shop", [Scope.SUBMIT, "read"], tenant="shop", expires_in=3600)

    assert made.key.startswith(f"hl_{made.id}_")
    assert made.key not in repr(made)
    assert (made.name, made.scopes, made.tenant) == ("a shop", (Scope.SUBMIT, Scope.READ), "shop")
    assert made.expires_at - made.created_at == timedelta(hours=1)
    assert made.id in {key.id for key in client.keys.list()}
    other = client.keys.rotate(made.id, grace=0)
    assert other.id == made.id
    assert other.key != made.key
    assert client.keys.revoke(made.id).revoked_at is not None
    with pytest.raises(KeyUnknown):
        client.keys.revoke("000000000000")
    with pytest.raises(RequestInvalid, match="scopes"):
        client.keys.create("none", [])
    with pytest.raises(RequestInvalid, match="scopes"):
        client.keys.create("wrong", ["everything"])
