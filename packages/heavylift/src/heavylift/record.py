"""What is known of a task: what was asked for, what the store keeps, and what a worker is handed.

The record is the truth; everything else (stream entries, indexes, waiters) points to it.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

import uuid_utils.compat

from heavylift.batch import BatchItem
from heavylift.claim_check import SIGN, ClaimCheck
from heavylift.idempotency import Debounce, IdempotencyKey, Unique
from heavylift.state import TERMINAL, FailureReason, State


class Priority(StrEnum):
    """Which of a queue's three lanes a task waits in."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Executor(StrEnum):
    """Which kind of child runs a task, and so which of a queue's lines it waits in."""

    PROCESS = "process"  #: One task at a time in a process of its own: for work that computes, or that may crash.
    THREADS = "threads"  #: Several at a time in threads: for work that waits for others in blocking calls.
    ASYNCIO = "asyncio"  #: Very many at a time on one event loop: for ``async def``.


class Durability(StrEnum):
    """What an accepted task survives."""

    MEMORY = "memory"  #: Answered when the primary has it: a failover may take back what no replica had yet.
    REPLICA = "replica"  #: Answered when a replica has it, too: it survives the loss of the primary.


class Form(StrEnum):
    """How the payload is applied to the function.

    ``PAYLOAD`` is one JSON value that becomes the only argument; ``CALL`` is ``{"args": [...], "kwargs": {...}}``, the way of
    Celery's ``.delay()``.
    """

    PAYLOAD = "payload"
    CALL = "call"
    UNKNOWN = "unknown"  #: Written by a version that knows more forms than this one.

    @classmethod
    def read(cls, text: str) -> Self:
        """The form that a record names. A worker must live on with a record that it cannot run."""
        return cls(text) if text in set(cls) else cls("unknown")


def new_task_id() -> str:
    """A new task id: a UUIDv7 (RFC 9562), so ids sort by the time at which they were made."""
    return str(uuid_utils.compat.uuid7())


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One task as it is asked for.

    ``payload``, ``headers`` are JSON texts: the store carries them and never looks inside. In the place of a payload that is too
    large stands the text of its claim check. ``delay`` is in seconds from the
    store's now; ``eta`` and ``expires_at`` are points in time. Of ``delay`` and ``eta`` at most one is given. Asked for again
    under the same ``idempotency_key``, it makes no second task, whatever its id. Nor does it while another task holds its
    ``unique`` key. ``item``: which item of a batch it is. ``onward``: what runs goes on with it, so no limit refuses it.
    """

    kind: str
    payload: str
    id: str = field(default_factory=new_task_id)
    form: Form = Form.PAYLOAD
    queue: str = "default"
    executor: Executor = Executor.PROCESS
    priority: Priority = Priority.NORMAL
    delay: float | None = None
    eta: datetime | None = None
    expires_at: datetime | None = None
    tags: tuple[str, ...] = ()
    max_attempts: int = 1
    traceparent: str = ""
    headers: str = ""
    idempotency_key: IdempotencyKey | None = None
    unique: Unique | None = None
    tenant: str = ""  #: Whose it is, '' for nobody's in particular: only they see it and touch it.
    item: BatchItem | None = None
    onward: bool = False
    debounce: Debounce | None = None  #: Not together with ``delay``, ``eta`` or ``unique``.


class Standing(StrEnum):
    """What a submission is to the store."""

    NEW = "new"  #: The task is recorded now.
    TAKEN = "taken"  #: A task of another tenant has its id, and nothing was changed.
    KNOWN = "known"  #: A task has its id already, and nothing was changed.
    REPEATED = "repeated"  #: It was asked for before under its idempotency key, and is answered as it was then.
    EXISTING = "existing"  #: Another task holds its unique key, and nothing was changed.
    REUSED = "reused"  #: Something else was asked for under its idempotency key, and nothing was done.


@dataclass(frozen=True, slots=True)
class Room:
    """How many tasks may wait in a queue, and how many more may come."""

    limit: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The store's answer to a submission, about the task that it made, or that was there before.

    ``existing``: that task holds the unique key that was asked for; also where this was told before and is REPEATED now.
    ``debounced``: that task waits until nobody asks for it, and has taken on what was submitted now.
    ``room``: what is left in the queue of a new task after it, None where there is no limit.
    """

    id: str
    kind: str
    queue: str
    state: State
    submitted_at: datetime
    traceparent: str = ""
    standing: Standing = Standing.NEW
    existing: bool = False
    debounced: bool = False
    room: Room | None = None

    @property
    def duplicate(self) -> bool:
        """Whether there is no new task."""
        return self.standing is not Standing.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A task as the store knows it. ``result`` and ``error`` are JSON values; times are UTC. ``payload`` is a JSON text, or
    that of a claim check where it is too large for the record; such a ``result`` is a ClaimCheck.

    ``reason`` and ``fingerprint`` say why a task is a dead letter, and are None for all others. ``batch`` is the id of the batch
    that it was submitted in, None for one that came alone.
    """

    id: str
    kind: str
    state: State
    queue: str
    executor: Executor
    priority: Priority
    payload: str
    form: Form
    tags: tuple[str, ...]
    attempt: int
    max_attempts: int
    fence: int
    deaths: int
    submitted_at: datetime
    due_at: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime | None
    worker: str | None
    cancel_requested: bool
    progress: Any
    result: Any
    error: Any
    reason: FailureReason | None
    fingerprint: str | None
    traceparent: str
    tenant: str
    seq: int
    batch: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the task is in a terminal state."""
        return self.state in TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A task in a worker's hand. ``fence`` is the proof of holding it that every later call must show.

    ``attempt`` counts tries of the function and starts at 1; ``deaths`` counts the workers that died while running it.
    ``checkpoint`` is the JSON text that a former run left, None where there is none; ``stream`` is the lane that it came from.
    """

    id: str
    kind: str
    payload: str
    form: Form
    queue: str
    fence: int
    attempt: int
    max_attempts: int
    deaths: int
    submitted_at: datetime
    queued_at: datetime
    started_at: datetime
    traceparent: str
    headers: str
    checkpoint: str | None = None
    stream: str = ""


def read_json(text: str) -> Any:
    """The value of a JSON text, or the text itself where it is nested deeper than this process can follow."""
    try:
        return json.loads(text)
    except RecursionError:  # whoever wrote it had more room; one such value must not make its task unreadable
        return text


def read_value(text: str) -> Any:
    """The value of a JSON text, or the claim check that stands in its place."""
    if text.startswith(SIGN):
        return ClaimCheck.read(text)
    return read_json(text)


def from_ms(milliseconds: int) -> datetime:
    """The UTC time of a count of milliseconds since the epoch, the unit of every time in the store."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def to_ms(moment: datetime) -> int:
    """The milliseconds since the epoch of an aware ``moment``."""
    return round(moment.timestamp() * 1000)
