"""Records are read, one or a page of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from heavylift.record import Executor, Form, Priority, Record, from_ms, read_json, read_value
from heavylift.state import FailureReason, State
from heavylift.store.calls.call import Call, Limits, moment_text

#: What is read of a record, the state first: every record has one. Not what a running task leaves for its next run, which may be
#: large and is nobody else's.
SHOWN: Final = (
    "state",
    "seq",
    "kind",
    "queue",
    "executor",
    "priority",
    "payload",
    "form",
    "tags",
    "attempt",
    "max_attempts",
    "fence",
    "deaths",
    "submitted_at",
    "due_at",
    "queued_at",
    "started_at",
    "ended_at",
    "expires_at",
    "worker",
    "cancel_requested",
    "progress",
    "result",
    "error",
    "reason",
    "fingerprint",
    "traceparent",
    "tenant",
    "batch",
)


#: What filters ask for.
_FOUND_BY: Final = ("state", "kind", "queue", "tags", "batch", "tenant", "submitted_at")


@dataclass(frozen=True, slots=True)
class Read(Call[Record | None]):
    """The record of a task within ``reach``, a tenant or None for all.

    With ``watch``, the name of a channel, the end of the task is published there, once.
    """

    script = "watch"
    repeatable = True
    id: str
    watch: str = ""
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, self.watch, *SHOWN]

    def parse(self, reply: Any) -> Record | None:
        record = record_from(self.id, reply) if reply else None
        return record if record is not None and self.reach in (None, record.tenant) else None


@dataclass(frozen=True, slots=True)
class Page:
    """Records, newest first. ``cursor`` goes on after them; None when there is nothing more to look at.

    A page may be shorter than asked for, even empty, and still have a cursor: then the filter passed over many tasks.
    """

    records: tuple[Record, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class List(Call[Page]):
    """One page of the tasks that fit every filter given."""

    script = "list"
    repeatable = True
    count: int = 50
    cursor: int | None = None
    state: State | None = None
    kind: str | None = None
    queue: str | None = None
    tag: str | None = None
    batch: str | None = None
    tenant: str | None = None  #: '' for tasks of nobody in particular.
    submitted_after: datetime | None = None  #: This moment counts.
    submitted_before: datetime | None = None  #: This one does not.

    BUDGET: ClassVar[int] = 1000  #: Records looked at in one call, so that no page holds Redis for long.

    @property
    def filters(self) -> dict[str, str]:
        """The filters that were given."""
        given = {
            "state": self.state,
            "kind": self.kind,
            "queue": self.queue,
            "tag": self.tag,
            "batch": self.batch,
            "tenant": self.tenant,
        }
        return {by: value for by, value in given.items() if value is not None}

    @property
    def given(self) -> dict[str, Any]:
        """The same, and the times."""
        times = {"submitted_after": self.submitted_after, "submitted_before": self.submitted_before}
        return self.filters | {name: moment for name, moment in times.items() if moment is not None}

    def as_query(self, **more: object) -> str:
        """The filters as they stand in an address and in logs, with ``more`` behind them."""
        given = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in self.given.items()}
        return urlencode(given | more)

    def fits(self, record: Record) -> bool:
        """Whether the record was submitted between the times that are given."""
        early = self.submitted_after is not None and record.submitted_at < self.submitted_after
        return not early and (self.submitted_before is None or record.submitted_at < self.submitted_before)

    def asking_for(self, fields: Sequence[str]) -> list[str]:
        """What the script finds in ARGV when these fields are asked for."""
        cursor = "" if self.cursor is None else str(self.cursor)
        times = [moment_text(self.submitted_after), moment_text(self.submitted_before)]
        filters = [part for pair in self.filters.items() for part in pair]
        return [str(self.count), str(max(self.BUDGET, self.count + 1)), cursor, json.dumps(fields), *times, *filters]

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return self.asking_for(SHOWN)

    def parse(self, reply: Any) -> Page:
        records = tuple(record_from(id_, values) for id_, values in reply[1:])
        return Page(records, int(reply[0]) if reply[0] else None)


@dataclass(frozen=True, slots=True)
class IdPage:
    """Ids of tasks, the newest first. ``cursor`` goes on after them; None when there is nothing more to look at."""

    ids: tuple[str, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class FindTasks(Call[IdPage]):
    """The same page as that of ``List``, without what the tasks carry."""

    script = "list"
    repeatable = True
    wanted: List

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return self.wanted.asking_for(_FOUND_BY)

    def parse(self, reply: Any) -> IdPage:
        return IdPage(tuple(id_ for id_, _ in reply[1:]), int(reply[0]) if reply[0] else None)


def record_from(id_: str, values: Sequence[str | None]) -> Record:
    """The record of the values that Redis keeps for a task, in the order of ``SHOWN``."""
    raw = {name: value for name, value in zip(SHOWN, values, strict=True) if value is not None}

    def moment(name: str) -> datetime | None:
        return from_ms(int(raw[name])) if raw.get(name) else None

    def json_value(name: str) -> Any:
        return read_json(raw[name]) if raw.get(name) else None

    return Record(
        id=id_,
        kind=raw["kind"],
        state=State(raw["state"]),
        queue=raw["queue"],
        executor=Executor(raw["executor"]),
        priority=Priority(raw["priority"]),
        payload=raw["payload"],
        form=Form.read(raw["form"]),
        tags=tuple(json.loads(raw.get("tags", "[]"))),
        attempt=int(raw["attempt"]),
        max_attempts=int(raw["max_attempts"]),
        fence=int(raw["fence"]),
        deaths=int(raw["deaths"]),
        submitted_at=from_ms(int(raw["submitted_at"])),
        due_at=moment("due_at"),
        queued_at=moment("queued_at"),
        started_at=moment("started_at"),
        ended_at=moment("ended_at"),
        expires_at=moment("expires_at"),
        worker=raw.get("worker") or None,
        cancel_requested="cancel_requested" in raw,
        progress=json_value("progress"),
        result=read_value(raw["result"]) if raw.get("result") else None,
        error=None if raw["state"] == State.SUCCEEDED else json_value("error"),  # an attempt before may have left one
        reason=FailureReason(raw["reason"]) if "reason" in raw else None,
        fingerprint=raw.get("fingerprint"),
        traceparent=raw.get("traceparent", ""),
        tenant=raw.get("tenant", ""),
        seq=int(raw["seq"]),
        batch=raw.get("batch"),
    )
