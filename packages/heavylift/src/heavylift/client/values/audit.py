"""What operators did."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What somebody did, or tried to do. ``at`` is when it was begun; it is written down before it is done.

    ``key`` is the id of the key with which it was done and ``name`` its name; at a terminal (``door``) the user of the operating
    system. ``outcome`` is ``done``, ``cut-off`` or the problem that was answered; None: it is under way, or nobody knows how far
    it came. ``changed`` is how many it changed, where it may be several.
    """

    id: str
    at: datetime
    action: str
    target: str
    door: str
    key: str | None = None
    name: str | None = None
    tenant: str = ""
    request: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    outcome: str | None = None
    changed: int | None = None
    ended_at: datetime | None = None
