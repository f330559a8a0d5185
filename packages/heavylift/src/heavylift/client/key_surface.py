"""What can be done with keys, written once for blocking and for asyncio code."""

from collections.abc import Sequence

from heavylift.access import Scope
from heavylift.client.asks import Steps
from heavylift.client.operations import Operations
from heavylift.client.values import KeyInfo, MadeKey


class KeySurface:
    """The keys of the API; for those who have the scope ``admin``."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def list(self) -> Steps[tuple[KeyInfo, ...]]:
        """All keys, the oldest first, without their secrets."""
        return self._operations.list_keys()

    def create(
        self, name: str, scopes: Sequence[Scope | str], *, tenant: str | None = None, expires_in: float | None = None
    ) -> Steps[MadeKey]:
        """Make a key; its secret is told this once. ``expires_in`` in seconds. Raises RequestInvalid."""
        return self._operations.create_key(name, [str(scope) for scope in scopes], tenant=tenant, expires_in=expires_in)

    def rotate(self, id: str, *, grace: float = 3600.0) -> Steps[MadeKey]:  # noqa: A002
        """Give a key another secret; the one before counts for ``grace`` seconds. Raises KeyUnknown."""
        return self._operations.rotate_key(id, grace)

    def revoke(self, id: str) -> Steps[KeyInfo]:  # noqa: A002
        """Take a key back, for good. Raises KeyUnknown."""
        return self._operations.revoke_key(id)
