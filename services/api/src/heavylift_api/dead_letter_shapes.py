"""The shapes of dead letters: what is asked of them, and what is told."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from heavylift.history import Fate
from heavylift.state import FailureReason
from heavylift.store.by_filter import SLOWEST
from heavylift.store.calls import DeadFilter
from heavylift_api import examples
from heavylift_api.schemas import Cursor, Moment, Seconds, Shape, TaskSummary, TenantName, Time, WholeNumber

MOST: Final = 100_000  #: Dead letters that one request replays or discards at most.

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class DeadLetterFilter(BaseModel):
    """Which dead letters. One fits when it fits everything that is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str | None = Field(None, min_length=1, max_length=255, description="Only those of this kind.")
    queue: str | None = Field(None, min_length=1, max_length=255, description="Only those of this queue.")
    reason: FailureReason | None = Field(None, description="Only those that failed for this reason.")
    fingerprint: Fingerprint | None = Field(None, description="Only those of this fault, as groups and tasks show it.")
    since: Time | None = Field(None, description="Only those that failed at this time or later, with its offset from UTC.")
    until: Time | None = Field(None, description="Only those that failed before this time, with its offset from UTC.")

    tenant: TenantName | None = Field(
        None, description="Only those of this tenant; empty for those of none. For administrators of no tenant. Left out: of any."
    )

    @field_validator("until")
    @classmethod
    def _is_after_since(cls, until: Time | None, info: ValidationInfo) -> Time | None:
        since = info.data.get("since")
        if until is not None and since is not None and until <= since:
            raise ValueError("is not after since, so nothing lies between them")
        return until

    def to_filter(self) -> DeadFilter:
        """As the store takes it."""
        return DeadFilter(
            kind=self.kind,
            queue=self.queue,
            reason=self.reason,
            fingerprint=self.fingerprint,
            since=self.since,
            until=self.until,
            tenant=self.tenant,
        )


class DeadLetterQuery(DeadLetterFilter):
    """Which dead letters to list."""

    limit: int = Field(50, ge=1, le=200, description="Dead letters on one page at most.")
    cursor: Cursor | None = Field(None, description="The `cursor` of the page before.")


class GroupQuery(DeadLetterFilter):
    """Which groups of dead letters to list."""

    limit: int = Field(50, ge=1, le=200, description="Groups at most, the largest ones.")


class DeadLetterPage(Shape):
    """Dead letters, the latest failure first. A page may be short or empty and still have a next one."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.DEAD_PAGES})

    tasks: tuple[TaskSummary, ...]
    cursor: str | None = Field(description="Give it as `cursor` for the next page; null when this is the last.")
    next: str | None = Field(description="The next page with the same filters; null when this is the last.")


class DeadLetterGroup(Shape):
    """Dead letters that have kind, queue, reason, fingerprint and tenant in common: in all likelihood one fault."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DEAD_GROUP]})

    kind: str
    queue: str
    reason: FailureReason
    fingerprint: str
    tenant: str = Field(description="Whose they are; empty for nobody's in particular.")
    count: int
    first_at: Moment = Field(description="When the first of those that are there failed.")
    last_at: Moment
    error_type: str | None = Field(description="Class of the last one's error.")
    message: str | None = Field(description="Message of the last one's error.")
    links: dict[str, str] = Field(description="`tasks`, all of the group, and `last`, the one that failed last.")


class DeadLetterGroups(Shape):
    """What fails most, the largest group first."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.DEAD_GROUPS})

    groups: tuple[DeadLetterGroup, ...]
    more: bool = Field(description="Whether there are, or may be, smaller groups that fit, too.")


class Bulk(DeadLetterFilter):
    """Dead letters that something is to be done with."""

    all: bool = Field(False, strict=True, description="Whether all dead letters are meant, where no filter is given.")
    limit: WholeNumber = Field(MOST, ge=1, le=MOST, description="Dead letters at most, those that failed first.")
    dry_run: bool = Field(False, strict=True, description="Whether only to say how many there are, and some of their ids.")

    @field_validator("all")
    @classmethod
    def _is_not_meant_beside_a_filter(cls, value: bool, info: ValidationInfo) -> bool:
        if value and any(info.data.get(name) is not None for name in DeadLetterFilter.model_fields):
            raise ValueError("is meant where no filter is given; leave it out, or the filter")
        return value

    @property
    def target(self) -> str:
        """What is meant, as the audit log tells it."""
        return "all" if self.all else self.to_filter().as_query()

    def said_what_is_meant(self) -> bool:
        """Whether there is a filter, or all are meant: an empty object must not discard everything."""
        return self.all or self.to_filter() != DeadFilter()


class ReplayRequest(Bulk):
    """Which dead letters to replay, and how fast."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.REPLAYS})

    rate: Seconds | None = Field(
        None,
        ge=SLOWEST,
        le=100_000,
        description="How many to let begin per second; the others wait for their turn. Left out: all at once.",
    )


class ReplayEdit(BaseModel):
    """What a dead letter is to begin anew with."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": examples.REPLAY_EDITS})

    payload: Any = Field(
        None, description="In the place of the payload; it is checked as that of a new task. Left out: the same."
    )


class DiscardRequest(Bulk):
    """Which dead letters to delete for good."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.DISCARDS})


class BulkOutcome(Shape):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.OUTCOMES})

    matched: int = Field(description="Dead letters that fit, up to the limit.")
    changed: int = Field(description="Those of them that were replayed or discarded; 0 in a dry run.")
    dry_run: bool
    more: bool = Field(description="Whether the limit was reached, so that there may be others that fit.")
    sample: tuple[str, ...] = Field(description="Ids of the first that fit.")
    last_due: Moment | None = Field(description="When the last one that was replayed may begin.")


class AttemptView(Shape):
    """An attempt that did not succeed, or a replay."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.ATTEMPTS})

    attempt: int = Field(description="Number of the try; a replay begins at 1 again.")
    run: int = Field(description="How often the task had been taken in hand by then; never begins again.")
    fate: Fate = Field(description="What became of it; `replayed` is no attempt but the beginning of another life.")
    worker: str | None
    started_at: Moment | None
    ended_at: Moment
    error_type: str | None
    message: str | None
    fingerprint: str | None
    cause: str | None = Field(description="How its worker was lost.")
    edited: bool = Field(description="For a replay: whether it put another payload in the place of the one before.")
    former_payload: Any = Field(description="That payload; null otherwise, and for want of the scope `payload`.")


class Attempts(Shape):
    """The attempts of a task that did not succeed, the oldest first: of more than fifty, the first five and the newest."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"attempts": examples.ATTEMPTS}]})

    attempts: tuple[AttemptView, ...]
