"""Dead letters: tasks that failed."""

from dataclasses import dataclass
from datetime import datetime

from heavylift.state import FailureReason
from heavylift.store.calls import DeadFilter

__all__ = ["BulkOutcome", "DeadFilter", "DeadGroup", "DeadGroups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadGroup:
    """Dead letters that have much in common: in all likelihood one fault. The error is that of the last one."""

    kind: str
    queue: str
    reason: FailureReason
    fingerprint: str
    count: int
    first_at: datetime
    last_at: datetime
    tenant: str = ""
    error_type: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadGroups:
    """What fails most, the largest group first. ``more``: there may be smaller groups that fit, too."""

    groups: tuple[DeadGroup, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOutcome:
    """What came of replaying or discarding many.

    ``matched`` fit, up to the limit; ``changed`` of them were replayed or discarded; ``sample`` are the ids of the first.
    """

    matched: int
    changed: int
    dry_run: bool
    more: bool
    sample: tuple[str, ...] = ()
    last_due: datetime | None = None
