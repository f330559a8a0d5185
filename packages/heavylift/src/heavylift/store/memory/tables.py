"""What the memory store keeps, and the steps that its calls have in common, as the scripts have their parts."""

import itertools
import json
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from heavylift.access import ApiKey
from heavylift.audit import AuditEntry
from heavylift.batch import Batch
from heavylift.batch_story import BatchEnd
from heavylift.catalogue import Kind
from heavylift.history import Fate, PastAttempt
from heavylift.idempotency import Debounce, Unique
from heavylift.outcome import Failure
from heavylift.record import Accepted, Executor, Record
from heavylift.schedule import KeptSchedule
from heavylift.state import TRANSITIONS, State
from heavylift.store import calls
from heavylift.store.calls import LANES, Limits, QueuePause, Runs, ScalingReport, Steering, stream_of
from heavylift.story import LogPortion


@dataclass(slots=True)
class Entry:
    """What stands behind a record here: where its pointer is, until when it is kept, what its runs left."""

    record: Record
    headers: str
    lane: str = ""
    entry: str = ""
    unique: Unique | None = None
    debounce: Debounce | None = None
    debounced_by: str = ""  #: The id of the submission whose payload it carries, if it is debounced.
    kept_until: datetime | None = None
    first_due_at: datetime | None = None
    progressed: int = 0
    progress_at: tuple[int, int, int] | None = None
    log: list[LogPortion] = field(default_factory=list)
    doubts: int = 0
    memos: dict[str, str] = field(default_factory=dict)
    history: list[PastAttempt] = field(default_factory=list)
    died: int = 0  #: When, in microseconds, no two the same; 0 for one that is no dead letter.

    @property
    def suspect(self) -> bool:
        """Whether it may have killed workers, so that it is claimed alone."""
        return self.doubts >= 2

    def line_of(self, run: int) -> int:
        """The number of the last line that this run has logged."""
        return self.log[-1].lines[-1].number if self.log and self.log[-1].run == run else 0

    @property
    def stream(self) -> str:
        """The lane that it is in, by its whole name."""
        return stream_of(self.record.queue, self.record.executor, self.lane)

    @property
    def place(self) -> tuple[str, int, int]:
        """To sort by: the order in which a queue's entries are read."""
        return self.record.queue, LANES.index(self.lane), int(self.entry)


@dataclass(slots=True)
class Consumer:
    """Who holds a lease, what it has in hand, whether it is to take nothing more, and for which kinds of child it reads."""

    queues: tuple[str, ...]
    lease_ends: datetime
    held: set[str] = field(default_factory=set)
    rests: bool = False
    executors: tuple[Executor, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered under an idempotency key."""

    fingerprint: str
    answer: Accepted | calls.Opened
    kept_until: datetime


@dataclass(slots=True)
class KeptBatch:
    """A batch, the numbers of those of its items that were spared a task, and how its tasks have ended, in their order."""

    batch: Batch
    spared: set[int] = field(default_factory=set)
    ends: list[BatchEnd] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Noted:
    """How many tasks of a queue had come, and had ended, at some moment."""

    at: datetime
    came: int
    ended: int


@dataclass(slots=True)
class Tables:
    """Everything that there is. ``now`` is the clock."""

    now: Callable[[], datetime]
    limits: Limits
    no_reap_before: datetime
    last_reap: datetime | None = None
    tasks: dict[str, Entry] = field(default_factory=dict)
    order: list[tuple[int, str]] = field(default_factory=list)
    streams: dict[str, deque[tuple[str, str]]] = field(default_factory=dict)
    consumers: dict[str, Consumer] = field(default_factory=dict)
    counters: dict[str, Counter[str]] = field(default_factory=dict)
    queues: dict[str, datetime] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    runs: dict[tuple[str, Executor, str], Runs] = field(default_factory=dict)
    resting: dict[str, datetime] = field(default_factory=dict)  #: Hosts, and until when.
    pauses: dict[str, QueuePause] = field(default_factory=dict)  #: By queue; until they are taken away, whatever their time.
    queue_limits: dict[str, int] = field(default_factory=dict)
    purges: dict[str, tuple[calls.PurgePlan, datetime]] = field(default_factory=dict)  #: By token, and until when.
    pulses: dict[str, tuple[Noted | None, Noted]] = field(default_factory=dict)  #: By queue, the last two.
    scaling: ScalingReport | None = None
    steering: dict[str, Steering] = field(default_factory=dict)  #: By pool.
    schedules: dict[str, KeptSchedule] = field(default_factory=dict)  #: By their places.
    answers: dict[str, KeptAnswer] = field(default_factory=dict)  #: By the names of their idempotency keys.
    batches: dict[str, KeptBatch] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    keys_version: int = 0
    audit: dict[str, AuditEntry] = field(default_factory=dict)
    objects: dict[calls.KeptObject, datetime] = field(default_factory=dict)  #: And when to look at each next.
    sequence: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    entries: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def in_states(self, *states: State) -> list[Entry]:
        """Every task in one of these states."""
        return [kept for kept in self.tasks.values() if kept.record.state in states]

    def running(self, id_: str, fence: int) -> Entry | None:
        """The task, if it runs under this fence."""
        kept = self.tasks.get(id_)
        holds = kept is not None and kept.record.fence == fence and kept.record.state is State.RUNNING
        return kept if holds else None

    def move(self, kept: Entry, to: State, **fields: Any) -> None:
        """Follow one arrow of the table of states."""
        if (kept.record.state, to) not in TRANSITIONS:
            raise AssertionError(f"{kept.record.state} → {to} is not on the table")
        for consumer in self.consumers.values():
            consumer.held.discard(kept.record.id)
        kept.record = replace(kept.record, state=to, **fields)

    def end(self, kept: Entry, to: State, **fields: Any) -> None:
        """Move to a terminal state."""
        self.move(kept, to, ended_at=self.now(), **fields)
        self.dequeue(kept)
        self.count(kept.record.queue, to)
        self.count_in(kept.record.batch, to, ended=BatchEnd(kept.record.id, to))
        if to is State.FAILED:
            self._lay_to_the_dead(kept)
        else:
            kept.kept_until = self.now() + timedelta(seconds=self.limits.retention)

    def _lay_to_the_dead(self, kept: Entry) -> None:
        newest = max(other.died for other in self.dead())
        kept.died = max(calls.moment_of(self.now()), newest + 1)
        dead = self.dead()
        for oldest in dead[: max(0, min(2, len(dead) - self.limits.dead_limit))]:
            self.delete(oldest, "dropped")

    def dead(self) -> list[Entry]:
        """Every dead letter, in the order of their deaths."""
        return sorted(self.in_states(State.FAILED), key=lambda kept: kept.died)

    def delete(self, kept: Entry, what: str) -> None:
        """Delete a dead letter, and count that as ``what``."""
        del self.tasks[kept.record.id]
        self.order.remove((kept.record.seq, kept.record.id))
        self.count(kept.record.queue, what)

    def note(self, kept: Entry, fate: Fate, **told: Any) -> None:
        """Note what became of the attempt that ends now. To be called before the move."""
        record = kept.record
        past = PastAttempt(
            attempt=record.attempt,
            run=record.fence,
            fate=fate,
            worker=record.worker,
            queued_at=record.queued_at,
            started_at=record.started_at,
            ended_at=self.now(),
            **told,
        )
        kept.history = [*kept.history[:5], *[*kept.history[5:], past][-45:]]

    def requeue(self, kept: Entry, **fields: Any) -> None:
        """Take a running task out of the hands of its worker and put it first in its queue."""
        self.move(kept, State.QUEUED, queued_at=self.now(), worker=None, **fields)
        self.enqueue(kept, "returned")

    def give_back(self, kept: Entry) -> None:
        """The same for one that its worker gives back unharmed; one whose cancellation was asked for ends instead."""
        if kept.record.cancel_requested:
            self.end(kept, State.CANCELLED)
        else:
            self.requeue(kept)

    def enqueue(self, kept: Entry, lane: str) -> None:
        """Put a task into a lane."""
        kept.lane, kept.entry = lane, str(next(self.entries))
        self.stream(kept.stream).append((kept.entry, kept.record.id))

    def dequeue(self, kept: Entry) -> None:
        """Take a task out of its lane, if it is in one."""
        stream = self.stream(kept.stream)
        if (kept.entry, kept.record.id) in stream:
            stream.remove((kept.entry, kept.record.id))

    def stream(self, name: str) -> deque[tuple[str, str]]:
        """The entries of a lane, as pairs of entry and id."""
        return self.streams.setdefault(name, deque())

    def given_out(self, name: str) -> deque[tuple[str, str]]:
        """Those of them that may be taken: none, while their queue is paused."""
        return deque() if name.rsplit(":", 2)[0] in self.pauses else self.stream(name)

    def know(self, queue: str) -> None:
        """Note that a queue is submitted to or served now."""
        self.queues[queue] = self.now()
        self.counters.setdefault(queue, Counter())

    def count(self, queue: str, what: str) -> None:
        """Count one more."""
        self.counters.setdefault(queue, Counter())[what] += 1

    def count_in(self, batch: str | None, what: str, by: int = 1, *, ended: BatchEnd | None = None) -> None:
        """Count what became of one more item or task of a batch, or of one fewer."""
        kept = None if batch is None else self.batches.get(batch)
        if kept is not None:
            kept.batch = replace(kept.batch, **{what: getattr(kept.batch, what) + by})
            kept.ends += [] if ended is None else [ended]
            self.settle(kept)

    def settle(self, kept: KeptBatch) -> None:
        """Note whether a batch is over now."""
        batch = kept.batch
        over = batch.made + batch.spared >= batch.items and batch.awaited == 0
        kept.batch = replace(batch, ended_at=(batch.ended_at or self.now()) if over else None)

    def too_late(self, record: Record) -> bool:
        """Whether a task was to start by a time that has passed."""
        return record.expires_at is not None and record.fence == 0 and record.expires_at <= self.now()

    def forget(self) -> None:
        """Drop the records and the answers that were kept for their time."""
        self.answers = {name: kept for name, kept in self.answers.items() if kept.kept_until > self.now()}
        self._forget_batches()
        gone = {id_ for id_, kept in self.tasks.items() if kept.kept_until is not None and kept.kept_until <= self.now()}
        if gone:
            self.tasks = {id_: kept for id_, kept in self.tasks.items() if id_ not in gone}
            self.order = [(seq, id_) for seq, id_ in self.order if id_ not in gone]

    def _forget_batches(self) -> None:
        kept_since = self.now() - timedelta(seconds=self.limits.retention)
        empty = {id_ for id_, kept in self.batches.items() if not kept.batch.made and kept.batch.created_at <= kept_since}
        self.batches = {id_: kept for id_, kept in self.batches.items() if id_ not in empty}


def ids(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The ids of these tasks."""
    return tuple(kept.record.id for kept in entries)


def as_json(failure: Failure) -> Any:
    """An error as a record shows it after its way through JSON."""
    return json.loads(json.dumps(failure.as_json(), default=str))
