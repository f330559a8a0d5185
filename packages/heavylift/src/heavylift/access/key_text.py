"""A key as its owner has it: ``hl_<id>_<secret>``, told once and kept nowhere.

The prefix and the fixed form let scanners of repositories find one that leaked. The end of the secret is a checksum, so
a text that was cut or mistyped is refused without asking anybody.
"""

import hashlib
import re
import secrets
import string
from dataclasses import dataclass, field
from typing import Final

PATTERN: Final = "hl_[0-9a-z]{12}_[0-9A-Za-z]{36}[0-9a-f]{6}"  #: For scanners.

_FORM: Final = re.compile("hl_([0-9a-z]{12})_([0-9A-Za-z]{36})([0-9a-f]{6})")
_OF_IDS: Final = string.digits + string.ascii_lowercase
_OF_SECRETS: Final = string.digits + string.ascii_letters  #: Of 36 of them come 214 bits, so that a plain hash is enough.


@dataclass(frozen=True, slots=True)
class KeyText:
    """A whole key. Its ``id`` is no secret; it is what logs and lists call the key."""

    id: str
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """What is kept of it: SHA-256 in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def new_key(id_: str = "") -> KeyText:
    """A key that nobody has; of a key that there is, with its id, another secret."""
    id_, secret = id_ or _drawn(_OF_IDS, 12), _drawn(_OF_SECRETS, 36)
    return KeyText(id_, f"hl_{id_}_{secret}{_checksum(id_, secret)}")


def read_key(text: str) -> KeyText | None:
    """The key that a text is, None for one that can be none."""
    found = _FORM.fullmatch(text)
    if found is None or found[3] != _checksum(found[1], found[2]):
        return None
    return KeyText(found[1], text)


def _checksum(id_: str, secret: str) -> str:
    return hashlib.sha256(f"hl_{id_}_{secret}".encode()).hexdigest()[:6]


def _drawn(characters: str, count: int) -> str:
    return "".join(secrets.choice(characters) for _ in range(count))
