"""The shapes of the audit log."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from heavylift.audit import Action, Door
from heavylift_api import examples
from heavylift_api.schemas import Moment, Shape, TenantName

_NONE_MEANT: Final = "Left out: of any."


class AuditQuery(BaseModel):
    """Which part of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action | None = Field(None, description=f"What was done. {_NONE_MEANT}")
    key: str | None = Field(None, max_length=32, description=f"Id of the key with which it was done. {_NONE_MEANT}")
    target: str | None = Field(
        None, max_length=255, description=f"To what it was done, exactly as entries tell it. {_NONE_MEANT}"
    )
    tenant: TenantName | None = Field(
        None, description="By keys of which tenant; empty for those of none. For administrators of no tenant. Left out: of any."
    )
    limit: int = Field(50, ge=1, le=200, description="Entries on one page at most.")
    cursor: str | None = Field(None, description="The `cursor` of the page before.")


class AuditEntryView(Shape):
    """What somebody did, or tried to do."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.AUDIT_ENTRIES})

    id: str
    at: Moment = Field(description="When it was begun; it is written down before it is done.")
    action: str = Field(description="Such as `task.cancel`, `dead_letters.replay`, `key.revoke`.")
    target: str = Field(description="To what: an id or a name, or a filter as it stands in an address.")
    door: Door = Field(description="`http`; `terminal` for the command line, which speaks with the store itself.")
    key: str | None = Field(description="Id of the key with which it was done; null where none was asked for.")
    name: str | None = Field(description="Name of that key; at a terminal the user of the operating system.")
    tenant: str = Field(description="Tenant of that key.")
    request: str | None = Field(description="Id of the request, as in `X-Request-Id` and in the log.")
    details: dict[str, Any] = Field(description="What else was asked for.")
    outcome: str | None = Field(
        description="`done`; `cut-off`, where the caller left before the end; or the problem that was answered. null: it is "
        "under way, or its process died in the middle, and how far it came is not known."
    )
    changed: int | None = Field(description="How many it changed, where it may be several.")
    ended_at: Moment | None


class AuditLog(Shape):
    """Entries, the newest first. A page may be short or empty and still have a next one."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.AUDIT_LOGS})

    entries: tuple[AuditEntryView, ...]
    cursor: str | None = Field(description="Give it as `cursor` for the next page; null when this is the last.")
    next: str | None = Field(description="The next page with the same filters; null when this is the last.")
