"""Who calls: what the key that came with a request is good for."""

from dataclasses import dataclass
from typing import Final

from heavylift.access import ApiKey, Scope, granted
from heavylift_api.errors import SubmissionInvalid
from heavylift_api.schemas import Fault


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: ``key`` and ``name`` are the id and the name of its key, '' if none; ``tenant`` whose tasks it makes."""

    key: str
    tenant: str
    scopes: frozenset[Scope]
    name: str = ""

    @classmethod
    def with_key(cls, key: ApiKey) -> "Caller":
        """Who has shown this key."""
        return cls(key.id, key.tenant, granted(key.scopes), key.name)

    @property
    def sees_payloads(self) -> bool:
        """Whether what tasks carry is shown to it."""
        return Scope.PAYLOAD in self.scopes

    @property
    def reach(self) -> str | None:
        """The tenant whose tasks it sees and touches, None for all: that is an administrator of no tenant."""
        return None if not self.tenant and Scope.ADMIN in self.scopes else self.tenant

    def reach_of(self, tenant: str | None) -> str | None:
        """The same, narrowed to what belongs to ``tenant`` if one is asked for. Raises SubmissionInvalid."""
        if tenant is None or tenant == self.reach:
            return self.reach
        if self.reach is not None:
            raise SubmissionInvalid([Fault(field="tenant", message="is not yours to look at; leave it out")])
        return tenant


#: Where no key is asked for.
ANYBODY: Final = Caller("", "", frozenset(Scope))
