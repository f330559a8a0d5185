"""The W3C ``traceparent`` text, by which a trace goes on in another process."""

import re
from dataclasses import dataclass
from typing import Final, Self

_FORM: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class Traceparent:
    """The ids of the span that the text names, in hex digits."""

    trace_id: str
    span_id: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """What ``text`` names, None where it is empty or not valid."""
        found = _FORM.fullmatch(text)
        return None if found is None else cls(found[1], found[2])
