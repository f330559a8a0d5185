"""What is wrong with a request, field by field. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

#: Where pydantic speaks of Python instead of JSON.
_SENTENCES: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not known here; leave it out",
    "tuple_type": "is a list",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``field`` is a dotted path such as ``payload.width``."""

    field: str
    message: str


def faults_of(errors: Sequence[Any], *, skip: int = 0) -> list[Fault]:
    """Pydantic's errors by field; ``skip`` leaves out the first parts of each place, such as "query"."""
    return [
        Fault(
            ".".join(str(part) for part in error["loc"][skip:]) or "body",
            _SENTENCES.get(error["type"]) or error["msg"].removeprefix("Value error, "),
        )
        for error in errors
    ]
