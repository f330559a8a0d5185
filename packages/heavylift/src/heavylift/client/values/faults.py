"""What is wrong with a request, field by field."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``field`` is a dotted path such as ``payload.width``."""

    field: str
    message: str
