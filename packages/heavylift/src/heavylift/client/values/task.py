"""A task, from its receipt to its end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heavylift.history import Fate
from heavylift.record import Form, Priority
from heavylift.state import TERMINAL, FailureReason, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The task is recorded: from now on it is not lost.

    ``existing``: it was there before, and holds the ``unique`` key that was asked for. ``debounced``: it waits until nobody asks
    for it, and has taken on what was submitted now. ``replayed``: it had been accepted under this idempotency key before.
    """

    id: str
    kind: str
    queue: str
    state: State
    submitted_at: datetime
    trace_id: str = ""
    existing: bool = False
    debounced: bool = False
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskError:
    """What went wrong last. ``retryable``: whether another attempt might have helped; ``details`` names single faults."""

    type: str
    message: str | None = None
    retryable: bool = False
    details: tuple[Any, ...] = ()
    traceback: str | None = None
    exception: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSummary:
    """A task without its payload and its result, as lists show it. Times are UTC.

    ``progress`` is what the running task says of how far it is: ``done``, ``total`` and ``message``, or what a task of Celery's
    gives to ``update_state``. ``reason`` and ``fingerprint`` say why it is a dead letter.
    """

    id: str
    kind: str
    state: State
    queue: str
    priority: Priority
    submitted_at: datetime
    tags: tuple[str, ...] = ()
    tenant: str = ""
    attempt: int = 1
    max_attempts: int = 1
    deaths: int = 0
    due_at: datetime | None = None
    queued_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    expires_at: datetime | None = None
    worker: str | None = None
    cancel_requested: bool = False
    progress: Any = None
    error: TaskError | None = None
    reason: FailureReason | None = None
    batch: str | None = None
    fingerprint: str | None = None
    trace_id: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the task is in a terminal state."""
        return self.state in TERMINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeObject:
    """A payload or a result that is too large to be shown with its task: the size of its JSON in ``bytes``, and its digest."""

    bytes: int
    sha256: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(TaskSummary):
    """Everything that is known of a task. A payload or a result that is too large is None, and its ``…_object`` says of it.

    ``redacted``: payload, result and parts of the error are held back, as the key lacks the scope ``payload``.
    """

    form: Form = Form.PAYLOAD
    payload: Any = None
    payload_object: LargeObject | None = None
    result: Any = None
    result_object: LargeObject | None = None
    redacted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt that did not succeed, or a replay. ``run`` counts how often the task was taken in hand, and only ever rises."""

    attempt: int
    run: int
    fate: Fate
    ended_at: datetime
    worker: str | None = None
    started_at: datetime | None = None
    error_type: str | None = None
    message: str | None = None
    fingerprint: str | None = None
    cause: str | None = None
