"""Requests that may be repeated: the header ``Idempotency-Key`` of draft-ietf-httpapi-idempotency-key-header."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from heavylift.idempotency import IdempotencyKey, Scope, fingerprint
from heavylift_api.body import Member
from heavylift_api.errors import KeyMalformed, RequestInFlight

FIELD: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
LONGEST: Final = 255  #: Characters of a key.

#: What it usually looks like. The header may say more, which nobody needs.
KEY_PATTERN: Final = rf'^"([ !#-\[\]-~]|\\["\\]){{1,{LONGEST}}}"$'
_STRING: Final = r'"(?:[ !#-\[\]-~]|\\["\\])*"'
_BARE_ITEM: Final = rf"(?:{_STRING}|-?\d{{1,15}}(?:\.\d{{1,3}})?|[A-Za-z*][!#$%&'*+.^`|~\w:/-]*|:[A-Za-z0-9+/=]*:|\?[01])"
#: A String of RFC 9651. Nobody has given its parameters a meaning, so what they say is passed over, as it asks for.
_ITEM: Final = re.compile(rf" *({_STRING})(?:; *[a-z*][a-z0-9_.*-]*(?:={_BARE_ITEM})?)* *", re.ASCII)
_ESCAPED: Final = re.compile(r'\\(["\\])')


class Keys:
    """The keys of one scope, each tenant's for itself. ``keep`` is for how many seconds the answer to a key is kept."""

    def __init__(self, scope: Scope, keep: float) -> None:
        self._scope = scope
        self._keep = keep
        self._in_flight: set[str] = set()

    @contextmanager
    def in_flight(self, tenant: str, key: str | None, members: Mapping[str, Member]) -> Iterator[IdempotencyKey | None]:
        """What the store is to know of a key, which is in flight meanwhile. Raises RequestInFlight where it is so already.

        Of other processes nothing is known here: between them the store decides, in one step, whose request makes the task.
        """
        if key is None:
            yield None
            return
        name = replace(self._scope, tenant=tenant).name(key)
        if name in self._in_flight:
            raise RequestInFlight
        self._in_flight.add(name)
        try:
            yield IdempotencyKey(name, fingerprint_of(members), self._keep)
        finally:
            self._in_flight.discard(name)


def read_key(values: Sequence[str]) -> str | None:
    """The key in the values of the header, None where there is no such header. Raises KeyMalformed."""
    if not values:
        return None
    found = _ITEM.fullmatch(values[0]) if len(values) == 1 else None
    key = _ESCAPED.sub(r"\1", found[1][1:-1]) if found else ""
    if not 1 <= len(key) <= LONGEST:
        raise KeyMalformed
    return key


def fingerprint_of(members: Mapping[str, Member]) -> str:
    """The same for bodies that mean the same, whatever the order of their members and the blanks between them."""
    return fingerprint({name: member.value for name, member in members.items()})
