"""Who calls: what the key that came with a request is good for."""

from dataclasses import dataclass
from typing import Final

from heavylift.access import ApiKey, Scope, granted


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. ``key`` is the id of the key, '' where none was asked for; ``tenant`` whose tasks it makes."""

    key: str
    tenant: str
    scopes: frozenset[Scope]

    @classmethod
    def with_key(cls, key: ApiKey) -> "Caller":
        """Who has shown this key."""
        return cls(key.id, key.tenant, granted(key.scopes))

    @property
    def sees_payloads(self) -> bool:
        """Whether what tasks carry is shown to it."""
        return Scope.PAYLOAD in self.scopes

    @property
    def reach(self) -> str | None:
        """The tenant whose tasks it sees and touches, None for all: that is an administrator of no tenant."""
        return None if not self.tenant and Scope.ADMIN in self.scopes else self.tenant


#: Where no key is asked for.
ANYBODY: Final = Caller("", "", frozenset(Scope))
