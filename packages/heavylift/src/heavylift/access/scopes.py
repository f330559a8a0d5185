"""What a key may be good for."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """What somebody may do."""

    SUBMIT = "submit"  #: Hand tasks in.
    READ = "read"  #: See tasks, dead letters and kinds, without what they carry.
    PAYLOAD = "payload"  #: See what tasks carry, too: payloads, results, and what errors quote of them.
    OPERATE = "operate"  #: Cancel, replay, discard.
    ADMIN = "admin"  #: All of it, and keys.


def granted(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """All that a key with these scopes is good for: an administrator could make any key, so nothing is kept from one."""
    given = frozenset(scopes)
    return frozenset(Scope) if Scope.ADMIN in given else given
