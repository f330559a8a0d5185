"""What is recommended, and the sentence that says why."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What decided in the end."""

    NEED = "need"  #: The number is what is needed.
    STEADY = "steady"  #: What is there is near enough to what is needed.
    CALM = "calm"  #: More was needed a short while ago.
    RUNNING = "running"  #: As many run something.
    MINIMUM = "minimum"  #: There are never fewer.
    MAXIMUM = "maximum"  #: There are never more.
    CLUSTER = "cluster"  #: Pods that were ordered do not come, so none are ordered.
    UNKNOWN = "unknown"  #: Not enough is known to change anything.


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """How many pods there should be. ``needed``: how many there would be without bounds and patience; None when that is unknown.

    ``would_wait``: seconds that the newest task would wait with the pods that there are, infinite when nobody would start it.
    """

    pods: int
    rule: Rule
    reason: str
    needed: int | None = None
    would_wait: float = 0.0
