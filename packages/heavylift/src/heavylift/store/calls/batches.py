"""Many tasks, submitted together."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from heavylift.batch import Batch
from heavylift.batch_story import BatchEnd, BatchTold
from heavylift.idempotency import IdempotencyKey
from heavylift.record import Durability, Standing, from_ms
from heavylift.state import State
from heavylift.store.calls.call import Call, Limits, keeping, milliseconds
from heavylift.store.calls.submit import key_terms

_COUNTS: Final = ("made", "spared", "succeeded", "failed", "cancelled", "expired")
_FIELDS: Final = ("created_at", "ended_at", "items", "tenant", *_COUNTS)
_STATES: Final = {state[0]: state for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED)}


@dataclass(frozen=True, slots=True)
class Opened:
    """A batch that may be filled: the one that was asked for, or where that was REPEATED the one from then.

    REUSED: under its idempotency key something else was asked for.
    """

    id: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class OpenBatch(Call[Opened]):
    """A batch begins. Its items come with ``Submit``; each submission names the batch and its number in it.

    Of one into which nothing ever comes the store knows for the retention. With durability ``replica`` it raises NotReplicated.
    """

    script = "open_batch"
    repeatable = True
    grows = True
    id: str
    items: int
    key: IdempotencyKey | None = None
    durability: Durability = Durability.MEMORY
    tenant: str = ""

    def arguments(self, limits: Limits) -> list[str]:
        terms = "" if self.key is None else json.dumps(key_terms(self.key))
        return [self.id, str(self.items), str(milliseconds(limits.retention)), self.durability, self.tenant, terms]

    def parse(self, reply: Any) -> Opened:
        return Opened(reply[0], Standing(reply[1]))


@dataclass(frozen=True, slots=True)
class ReadBatch(Call[Batch | None]):
    """What has become of a batch; None when there is none of this id within ``reach``.

    With ``watch``, a channel, its end is published there.
    """

    script = "read_batch"
    repeatable = True
    id: str
    watch: str = ""
    reach: str | None = None

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, self.watch, *_FIELDS]

    def parse(self, reply: Any) -> Batch | None:
        batch = _batch(self.id, reply) if reply else None
        return batch if batch is not None and self.reach in (None, batch.tenant) else None


@dataclass(frozen=True, slots=True)
class FollowBatch(Call[BatchTold | None]):
    """What there is to tell of a batch within ``reach``, with the ends of its tasks behind the first ``after``, not all at once.

    With ``watch``, the name of a channel, each change until its end is told there.
    """

    script = "follow_batch"
    repeatable = True
    id: str
    watch: str = ""
    after: int = 0
    reach: str | None = None

    PORTION: ClassVar[int] = 500  #: Ends in one answer.

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id, self.watch, str(self.after), str(self.PORTION), *_FIELDS]

    def parse(self, reply: Any) -> BatchTold | None:
        if not reply:
            return None
        values, total, ends = reply
        batch = _batch(self.id, values)
        told = tuple(BatchEnd(end[1:], _STATES[end[0]]) for end in ends)
        return BatchTold(batch, total, told) if self.reach in (None, batch.tenant) else None


@dataclass(frozen=True, slots=True)
class CloseBatch(Call[bool]):
    """What has not come of it will not come: it is over when its tasks have ended. False when there is no such batch."""

    script = "close_batch"
    repeatable = True
    id: str

    def arguments(self, limits: Limits) -> list[str]:  # noqa: ARG002
        return [self.id]

    def parse(self, reply: Any) -> bool:
        return bool(reply)


@dataclass(frozen=True, slots=True)
class CalledOff:
    """Tasks of a batch that were ``cancelled`` at once, and that were ``asked`` to end. ``cursor`` goes on; None at the end."""

    cancelled: int
    asked: int
    cursor: int | None


@dataclass(frozen=True, slots=True)
class CancelBatch(Call[CalledOff]):
    """scheduled | queued → cancelled for tasks of a batch, those that run are asked to end; some of them in each call."""

    script = "cancel_batch"
    id: str
    cursor: int | None = None

    PORTION: ClassVar[int] = 200  #: Tasks in one call: a few milliseconds of Redis.

    def arguments(self, limits: Limits) -> list[str]:
        return [self.id, str(self.PORTION), "" if self.cursor is None else str(self.cursor), *keeping(limits)]

    def parse(self, reply: Any) -> CalledOff:
        return CalledOff(reply[0], reply[1], int(reply[2]) if reply[2] else None)


def _batch(id_: str, values: Sequence[str | None]) -> Batch:
    created, ended, items, tenant, *counts = values
    known = {name: int(count or 0) for name, count in zip(_COUNTS, counts, strict=True)}
    moments = from_ms(int(created or 0)), None if ended is None else from_ms(int(ended))
    return Batch(id=id_, items=int(items or 0), created_at=moments[0], ended_at=moments[1], tenant=tenant or "", **known)
