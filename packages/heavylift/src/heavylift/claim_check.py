"""What a record holds in the place of a payload or a result that is too large for it: where it is, and how to know it again.

It stands where the JSON text would, and begins with a sign with which no JSON text begins. So nobody can submit one, and whoever
reads a record tells the two apart by the first character.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Final, Self

SIGN: Final = "@"


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """An object in the object store that holds a JSON text of ``size`` bytes, with the SHA-256 of them in hexadecimal."""

    name: str
    size: int
    sha256: str

    @property
    def text(self) -> str:
        """What the record holds."""
        return SIGN + json.dumps({"name": self.name, "bytes": self.size, "sha256": self.sha256}, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The claim check that ``text`` is, None for a JSON text. Raises ValueError for one that cannot be read."""
        if not text.startswith(SIGN):
            return None
        try:
            told = json.loads(text[len(SIGN) :])
            return cls(str(told["name"]), int(told["bytes"]), str(told["sha256"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the claim check cannot be read: {error}") from None

    def fits(self, content: bytes) -> bool:
        """Whether this is what was put away."""
        return len(content) == self.size and hashlib.sha256(content).hexdigest() == self.sha256
