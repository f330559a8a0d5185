"""Where one who follows a batch is in what is told of it, and the ids of those events."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from heavylift.batch import Batch
from heavylift_api.errors import EventIdInvalid

_PATTERN: Final = r"(0|[1-9]\d{0,8})(\.end)?"
_TEXT: Final = re.compile(_PATTERN, re.ASCII)

#: It says its form to those who make requests; what is none is told in a sentence of its own.
BatchEventId = Annotated[str, Field(json_schema_extra={"pattern": rf"^({_PATTERN})?$"})]


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """So many ends of its tasks are known; ``over``: that it has ended, too. ``known``: its counts as they were told last."""

    ends: int = 0
    over: bool = False
    known: Batch | None = None

    def __str__(self) -> str:
        return f"{self.ends}.end" if self.over else str(self.ends)


def batch_place_of(field: str, text: str | None) -> BatchPlace:
    """The place of an id; the beginning where there is none. Raises EventIdInvalid."""
    if not text:
        return BatchPlace()
    if not _TEXT.fullmatch(text):
        raise EventIdInvalid(field)
    return BatchPlace(int(text.removesuffix(".end")), text.endswith(".end"))
