"""Keys for the API: made, changed, and read by those who keep a copy of all of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from heavylift.access import ApiKey, NewKey, Scope
from heavylift.record import Durability, from_ms
from heavylift.store.calls.call import Call, Limits, milliseconds, pairs, reach_text

MOST_KEYS: Final = 10_000  #: Every process of the API holds all of them.


class KeyStanding(StrEnum):
    """What became of a key that was to be made."""

    MADE = "made"
    TAKEN = "taken"  #: There is another of this id, or it was only wanted as the first.
    FULL = "full"  #: There are as many as there may be, and all of them are in use.


@dataclass(frozen=True, slots=True)
class KeyReply:
    """The key as it is known from now on; None unless it was made."""

    standing: KeyStanding
    key: ApiKey | None = None


@dataclass(frozen=True, slots=True)
class AddKey(Call[KeyReply]):
    """(nothing) → a key. With ``sole``, only if there never was one: of several who begin together, one makes it."""

    script = "key_add"
    repeatable = True
    grows = True
    key: NewKey
    sole: bool = False
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        key = self.key
        lifetime = "" if key.lifetime is None else str(milliseconds(key.lifetime))
        sole = "1" if self.sole else "0"
        return [key.id, key.digest, key.name, json.dumps(key.scopes), key.tenant, lifetime, sole, str(MOST_KEYS)]

    def parse(self, reply: Any) -> KeyReply:
        standing, *told = reply
        return KeyReply(KeyStanding(standing), _key(told) if told else None)


@dataclass(frozen=True, slots=True)
class RotateKey(Call[ApiKey | None]):
    """A key gets another secret; the one before counts for ``grace`` seconds. None when there is none within ``reach``.

    One that is revoked or has expired stays as it is.
    """

    script = "key_rotate"
    repeatable = True
    id: str
    digest: str
    grace: float
    reach: str | None = None
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, reach_text(self.reach), self.digest, str(milliseconds(self.grace))]

    def parse(self, reply: Any) -> ApiKey | None:
        return _key(reply) if reply else None


@dataclass(frozen=True, slots=True)
class RevokeKey(Call[ApiKey | None]):
    """A key is good for nothing any more. None when there is none within ``reach``."""

    script = "key_revoke"
    repeatable = True
    id: str
    reach: str | None = None
    durability: Durability = Durability.MEMORY

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, reach_text(self.reach)]

    def parse(self, reply: Any) -> ApiKey | None:
        return _key(reply) if reply else None


@dataclass(frozen=True, slots=True)
class KeysReply:
    """All keys, the oldest first; None where the version is the one that was known. ``now`` is the store's clock."""

    version: int
    now: datetime
    keys: tuple[ApiKey, ...] | None


@dataclass(frozen=True, slots=True)
class ReadKeys(Call[KeysReply]):
    """All keys, unless none was made, rotated or revoked since the version that is ``known``."""

    script = "keys_read"
    repeatable = True
    known: int | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return ["" if self.known is None else str(self.known)]

    def parse(self, reply: Any) -> KeysReply:
        version, now, *rows = reply
        same = self.known is not None and int(version) == self.known
        return KeysReply(int(version), from_ms(int(now)), None if same else tuple(_key(row) for row in rows))


@dataclass(frozen=True, slots=True)
class NoteKeyUses(Call[int]):
    """Keys were used, just now or a short while ago. Returns how many of them there are."""

    script = "keys_used"
    repeatable = True
    ids: tuple[str, ...]

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return list(self.ids)

    def parse(self, reply: Any) -> int:
        return int(reply)


def _key(row: Sequence[Any]) -> ApiKey:
    id_, told = row
    kept = dict(told.items() if isinstance(told, dict) else pairs(told))

    def moment(name: str) -> datetime | None:
        return from_ms(int(kept[name])) if name in kept else None

    return ApiKey(
        id=id_,
        name=kept["name"],
        scopes=tuple(Scope(scope) for scope in json.loads(kept["scopes"])),
        tenant=kept["tenant"],
        digest=kept["digest"],
        created_at=from_ms(int(kept["created_at"])),
        expires_at=moment("expires_at"),
        rotated_at=moment("rotated_at"),
        former_digest=kept.get("former_digest"),
        former_until=moment("former_until"),
        revoked_at=moment("revoked_at"),
        used_at=moment("used_at"),
    )
