"""What is kept of a key, and what a secret is to it."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from heavylift.access.scopes import Scope


class Verdict(StrEnum):
    """What somebody is told who shows a secret."""

    ADMITTED = "admitted"
    WRONG = "wrong"  #: Another secret.
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that is to be. ``lifetime`` in seconds, None for one that does not expire."""

    id: str
    digest: str = field(repr=False)
    name: str
    scopes: tuple[Scope, ...]
    tenant: str = ""
    lifetime: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What the store knows of a key: never its secret.

    ``tenant`` is whose tasks it makes and sees, '' for those of nobody in particular. After a rotation the secret before counts
    until ``former_until``. ``used_at`` is coarse: to the minute or so. Times are UTC.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    tenant: str
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    rotated_at: datetime | None = None
    former_digest: str | None = field(default=None, repr=False)
    former_until: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def judge(self, digest: str, now: datetime) -> Verdict:
        """What the secret of this digest is at ``now``. Only who has a right one learns that the key is revoked or expired."""
        if not self._is_shown_by(digest, now):
            return Verdict.WRONG
        if self.revoked_at is not None:
            return Verdict.REVOKED
        return Verdict.EXPIRED if self.expires_at is not None and now >= self.expires_at else Verdict.ADMITTED

    def _is_shown_by(self, digest: str, now: datetime) -> bool:
        # Both are compared, whatever comes of the first, and neither in less time the sooner it differs.
        current = hmac.compare_digest(self.digest, digest)
        former = hmac.compare_digest(self.former_digest or self.digest, digest)
        return current or (former and self.former_until is not None and now < self.former_until)
