"""Keys for the API: made once, rotated, revoked, and read by those who keep a copy."""

from collections.abc import Callable
from typing import Any

import pytest

from heavylift.access import ApiKey, NewKey, Scope, new_key
from heavylift.store import calls
from heavylift.store.calls import KeyStanding

Make = Callable[..., ApiKey]


@pytest.fixture
def make(subject: Any) -> Make:
    """Makes a key."""

    def made(**fields: Any) -> ApiKey:
        text = new_key()
        given = {"id": text.id, "digest": text.digest, "name": "shop", "scopes": (Scope.READ,)} | fields
        key: ApiKey | None = subject.run(calls.AddKey(NewKey(**given))).key
        assert key is not None
        subject.elapse(0.002)  # the order of keys is that of their milliseconds
        return key

    return made


def _all(subject: Any) -> list[ApiKey]:
    return list(subject.run(calls.ReadKeys()).keys)


def test_a_key_is_kept_as_it_was_made(subject: Any, make: Make) -> None:
    key = make(tenant="acme", scopes=(Scope.SUBMIT, Scope.READ), lifetime=60.0)

    assert _all(subject) == [key]
    assert (key.tenant, key.scopes) == ("acme", (Scope.SUBMIT, Scope.READ))
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).total_seconds() == 60


def test_a_key_that_is_asked_for_again_is_the_same_and_another_of_its_id_is_refused(subject: Any, make: Make) -> None:
    key = make()
    again = NewKey(id=key.id, digest=key.digest, name="shop", scopes=(Scope.READ,))

    assert subject.run(calls.AddKey(again)) == calls.KeyReply(KeyStanding.MADE, key)
    other = NewKey(id=key.id, digest=new_key().digest, name="thief", scopes=(Scope.ADMIN,))
    assert subject.run(calls.AddKey(other)) == calls.KeyReply(KeyStanding.TAKEN)
    assert _all(subject) == [key]


def test_of_those_who_want_to_make_the_first_one_does(subject: Any) -> None:
    texts = [new_key() for _ in range(5)]
    asked = [calls.AddKey(NewKey(id=t.id, digest=t.digest, name="first", scopes=(Scope.ADMIN,)), sole=True) for t in texts]

    standings = [reply.standing for reply in subject.run_all(asked)]

    assert standings == [KeyStanding.MADE, *[KeyStanding.TAKEN] * 4]


def test_after_a_key_was_revoked_none_is_the_first(subject: Any, make: Make) -> None:
    subject.run(calls.RevokeKey(make().id))
    text = new_key()

    reply = subject.run(calls.AddKey(NewKey(id=text.id, digest=text.digest, name="first", scopes=()), sole=True))

    assert reply.standing is KeyStanding.TAKEN


def test_a_rotation_keeps_the_secret_before_for_its_grace(subject: Any, make: Make) -> None:
    before, digest = make(), new_key().digest

    after = subject.run(calls.RotateKey(before.id, digest, grace=30.0))

    assert (after.digest, after.former_digest) == (digest, before.digest)
    assert (after.former_until - after.rotated_at).total_seconds() == 30
    assert subject.run(calls.RotateKey(before.id, digest, grace=99.0)) == after, "asked again, nothing changes"


def test_a_key_that_is_revoked_or_expired_is_not_rotated(subject: Any, make: Make) -> None:
    revoked, expired = make(), make(lifetime=0.001)
    subject.run(calls.RevokeKey(revoked.id))
    subject.elapse(0.01)

    for key in (revoked, expired):
        assert subject.run(calls.RotateKey(key.id, new_key().digest, grace=1.0)).digest == key.digest


def test_revoking_twice_is_revoking_once(subject: Any, make: Make) -> None:
    key = make()
    first = subject.run(calls.RevokeKey(key.id))
    subject.elapse(0.01)

    assert subject.run(calls.RevokeKey(key.id)) == first
    assert first.revoked_at is not None


def test_the_key_of_another_tenant_is_as_good_as_none(subject: Any, make: Make) -> None:
    key = make(tenant="acme")

    for reach in ("", "other"):
        assert subject.run(calls.RevokeKey(key.id, reach)) is None
        assert subject.run(calls.RotateKey(key.id, new_key().digest, 1.0, reach)) is None
    assert _all(subject) == [key]
    assert subject.run(calls.RevokeKey(key.id, "acme")).revoked_at is not None


def test_there_is_no_key_of_an_unknown_id(subject: Any) -> None:
    assert subject.run(calls.RevokeKey("unknown")) is None
    assert subject.run(calls.RotateKey("unknown", "0" * 64, 1.0)) is None
    assert subject.run(calls.NoteKeyUses(("unknown",))) == 0
    assert _all(subject) == []


def test_who_knows_the_version_is_told_keys_only_after_a_change(subject: Any, make: Make) -> None:
    assert subject.run(calls.ReadKeys()).version == 0
    key = make()
    version = subject.run(calls.ReadKeys(0)).version

    assert subject.run(calls.ReadKeys(version)).keys is None
    assert subject.run(calls.NoteKeyUses((key.id,))) == 1
    assert subject.run(calls.ReadKeys(version)).keys is None, "that it was used changes nothing for anybody"
    subject.run(calls.RevokeKey(key.id))
    (read,) = subject.run(calls.ReadKeys(version)).keys
    assert read.revoked_at is not None
    assert read.used_at is not None
