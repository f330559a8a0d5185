"""Keys for the API."""

from dataclasses import replace
from datetime import timedelta

from heavylift.access import ApiKey
from heavylift.store import calls
from heavylift.store.calls import KeyReply, KeysReply, KeyStanding
from heavylift.store.calls.keys import MOST_KEYS
from heavylift.store.memory.tables import Tables


def add_key(tables: Tables, call: calls.AddKey) -> KeyReply:
    known = tables.api_keys.get(call.key.id)
    if known is not None and known.digest == call.key.digest:
        return KeyReply(KeyStanding.MADE, known)
    if known is not None or (call.sole and tables.keys_version):
        return KeyReply(KeyStanding.TAKEN)
    if len(tables.api_keys) >= MOST_KEYS and not _make_room(tables):
        return KeyReply(KeyStanding.FULL)
    return KeyReply(KeyStanding.MADE, _changed(tables, _made(tables, call)))


def rotate_key(tables: Tables, call: calls.RotateKey) -> ApiKey | None:
    key = _theirs(tables, call.id, call.reach)
    if key is None or key.digest == call.digest or not _is_good(tables, key):
        return key
    now = tables.now()
    until = now + timedelta(seconds=call.grace)
    return _changed(tables, replace(key, digest=call.digest, rotated_at=now, former_digest=key.digest, former_until=until))


def revoke_key(tables: Tables, call: calls.RevokeKey) -> ApiKey | None:
    key = _theirs(tables, call.id, call.reach)
    if key is None or key.revoked_at is not None:
        return key
    return _changed(tables, replace(key, revoked_at=tables.now()))


def read_keys(tables: Tables, call: calls.ReadKeys) -> KeysReply:
    same = call.known == tables.keys_version
    return KeysReply(tables.keys_version, tables.now(), None if same else tuple(tables.api_keys.values()))


def note_key_uses(tables: Tables, call: calls.NoteKeyUses) -> int:
    known = [tables.api_keys[id_] for id_ in call.ids if id_ in tables.api_keys]
    tables.api_keys.update((key.id, replace(key, used_at=tables.now())) for key in known)
    return len(known)


def _made(tables: Tables, call: calls.AddKey) -> ApiKey:
    key, now = call.key, tables.now()
    return ApiKey(
        id=key.id,
        name=key.name,
        scopes=key.scopes,
        tenant=key.tenant,
        digest=key.digest,
        created_at=now,
        expires_at=None if key.lifetime is None else now + timedelta(seconds=key.lifetime),
    )


def _changed(tables: Tables, key: ApiKey) -> ApiKey:
    tables.api_keys[key.id] = key
    tables.keys_version = max(calls.moment_of(tables.now()), tables.keys_version + 1)
    return key


def _theirs(tables: Tables, id_: str, reach: str | None) -> ApiKey | None:
    key = tables.api_keys.get(id_)
    return key if key is not None and reach in (None, key.tenant) else None


def _is_good(tables: Tables, key: ApiKey) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > tables.now())


def _make_room(tables: Tables) -> bool:
    gone = next((key.id for key in tables.api_keys.values() if not _is_good(tables, key)), None)
    if gone is not None:
        del tables.api_keys[gone]
    return gone is not None
