"""What each route asks of who calls it. It stands in the route's OpenAPI description and is kept to from there."""

from typing import Any, Final

from heavylift.access import Scope

SCHEME: Final = "key"  #: Name of the way to show a key, in the OpenAPI document.

#: For routes that anybody may call.
OPEN: Final[dict[str, Any]] = {"security": []}


def needs(*scopes: Scope) -> dict[str, Any]:
    """For routes that ask for a key with one of these scopes."""
    return {"security": [{SCHEME: [scope.value]} for scope in scopes]}


def asked_of(described: dict[str, Any] | None) -> frozenset[Scope] | None:
    """The scopes of which a caller must have one; none at all where anybody may call, None where nothing is said."""
    if described is None or "security" not in described:
        return None
    return frozenset(Scope(scope) for way in described["security"] for scope in way[SCHEME])
