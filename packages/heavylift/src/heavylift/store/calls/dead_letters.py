"""Dead letters are looked through: tasks that failed, until they are replayed or discarded."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from heavylift.record import from_ms, read_json, to_ms
from heavylift.state import FailureReason
from heavylift.store.calls.call import Call, Limits, reach_text
from heavylift.store.calls.read import SHOWN, Page, record_from

BUDGET: Final = 1000  #: Records looked at in one call, so that none holds Redis for long.


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadFilter:
    """Which dead letters: those that fit everything that is given. ``since`` counts, ``until`` does not."""

    kind: str | None = None
    queue: str | None = None
    reason: FailureReason | None = None
    fingerprint: str | None = None
    tenant: str | None = None  #: '' for those of nobody in particular.
    since: datetime | None = None
    until: datetime | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What is given."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}

    def as_query(self, **more: object) -> str:
        """As it stands in an address and in logs, with ``more`` behind it."""
        given = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in self.given.items()}
        return urlencode(given | more)

    def words(self) -> list[str]:
        """As the scripts take it: kind, queue, reason, fingerprint, tenant."""
        return [self.kind or "", self.queue or "", self.reason or "", self.fingerprint or "", reach_text(self.tenant)]

    def span(self, horizon: int | None = None) -> list[str]:
        """As the scripts take it: the earliest and the latest moment, none later than ``horizon``."""
        since = "-inf" if self.since is None else str(moment_of(self.since))
        if self.until is None or (horizon is not None and horizon < moment_of(self.until)):
            return [since, "+inf" if horizon is None else str(horizon)]
        return [since, f"({moment_of(self.until)}"]


EVERY: Final = DeadFilter()  #: All dead letters.


@dataclass(frozen=True, slots=True)
class DeadLetters(Call[Page]):
    """One page of the dead letters that fit, the latest death first."""

    script = "dead_list"
    filter: DeadFilter = EVERY
    count: int = 50
    cursor: int | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [*_portion(self.count, self.cursor), *self.filter.span(), *self.filter.words(), *SHOWN]

    def parse(self, reply: Any) -> Page:
        records = tuple(record_from(id_, values) for id_, values in reply[1:])
        return Page(records, int(reply[0]) if reply[0] else None)


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of dead letters, the earliest death first. ``latest`` is the last death of all: a horizon for the calls that follow."""

    ids: tuple[str, ...]
    cursor: int | None
    latest: int


@dataclass(frozen=True, slots=True)
class FindDead(Call[Found]):
    """The ids of some dead letters that fit, and how to go on.

    With the ``latest`` of the first call as the ``horizon`` of those after it, what dies again meanwhile is not found twice.
    """

    script = "dead_find"
    filter: DeadFilter = EVERY
    count: int = BUDGET
    cursor: int | None = None
    horizon: int | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [*_portion(self.count, self.cursor), *self.filter.span(self.horizon), *self.filter.words()]

    def parse(self, reply: Any) -> Found:
        cursor, latest, *ids = reply
        return Found(tuple(ids), int(cursor) if cursor else None, int(latest))


@dataclass(frozen=True, slots=True)
class DeadGroup:
    """Dead letters that have kind, queue, reason, fingerprint and tenant in common: in all likelihood one fault.

    ``last_id`` and ``error`` are of the one that died last.
    """

    kind: str
    queue: str
    reason: FailureReason
    fingerprint: str
    tenant: str
    count: int
    first_died_at: datetime
    last_died_at: datetime
    last_id: str
    error: Any


@dataclass(frozen=True, slots=True)
class DeadGroupsReply:
    """The largest groups first. ``more``: there are others, or among a thousand larger groups that were looked at none fits."""

    groups: tuple[DeadGroup, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class DeadGroups(Call[DeadGroupsReply]):
    """What fails most."""

    script = "dead_groups"
    filter: DeadFilter = EVERY
    count: int = 50

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [str(self.count), *self.filter.span(), *self.filter.words()]

    def parse(self, reply: Any) -> DeadGroupsReply:
        return DeadGroupsReply(tuple(_group(row) for row in reply[1:]), bool(reply[0]))


def moment_of(moment: datetime) -> int:
    """The unit in which deaths are told apart: microseconds since the epoch."""
    return to_ms(moment) * 1000


def moment_from(microseconds: int) -> datetime:
    """The UTC time of a death."""
    return from_ms(microseconds // 1000)


def _portion(count: int, cursor: int | None) -> list[str]:
    return [str(count), str(BUDGET), "" if cursor is None else str(cursor)]


def _group(row: Sequence[Any]) -> DeadGroup:
    count, first, last, last_id, error, kind, queue, reason, fingerprint, tenant = row
    return DeadGroup(
        kind=kind,
        queue=queue,
        reason=FailureReason(reason),
        fingerprint=fingerprint,
        tenant=tenant,
        count=count,
        first_died_at=moment_from(int(first)),
        last_died_at=moment_from(int(last)),
        last_id=last_id,
        error=read_json(error) if error else None,
    )
