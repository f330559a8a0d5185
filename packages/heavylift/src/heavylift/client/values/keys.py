"""Keys of the API."""

from dataclasses import dataclass, field
from datetime import datetime

from heavylift.access import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """What is known of a key. Its secret is not. ``used_at`` is give or take a minute; times are UTC."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    tenant: str
    created_at: datetime
    expires_at: datetime | None = None
    rotated_at: datetime | None = None
    former_until: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey(KeyInfo):
    """A key with its secret, which is told this once and kept nowhere."""

    key: str = field(repr=False)
