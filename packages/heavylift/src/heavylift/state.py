"""The states of a task and the arrows between them. ``docs/states.md`` draws this table; a test compares the two."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """Where a task is. The values are what the API shows and what Redis keeps."""

    SCHEDULED = "scheduled"  #: Waits for its time: a delay, or the pause before another attempt.
    QUEUED = "queued"  #: Waits for a worker.
    RUNNING = "running"  #: A worker holds it under a lease.
    SUCCEEDED = "succeeded"  #: Ended: its result is committed.
    FAILED = "failed"  #: Ended: its last attempt failed, or it may not be tried again.
    CANCELLED = "cancelled"  #: Ended: somebody called it off.
    EXPIRED = "expired"  #: Ended: it did not start in the time that it was given.


class Cause(StrEnum):
    """Why a task moved."""

    DUE = "due"
    HASTENED = "hastened"
    CLAIMED = "claimed"
    COMPLETED = "completed"
    RETRIED = "retried"
    HANDED_ON = "handed on"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLAYED = "replayed"


class FailureReason(StrEnum):
    """Why a task ended as failed."""

    EXHAUSTED = "exhausted"  #: Its last attempt failed.
    PERMANENT = "permanent"  #: The error says that another attempt cannot help.
    TIMED_OUT = "timed_out"  #: Its last attempt ran longer than it may.
    UNDECODABLE = "undecodable"  #: What was submitted cannot be read, so nothing was run.
    UNKNOWN_KIND = "unknown_kind"  #: The worker that took it in hand has no function for its kind.
    QUARANTINED = "quarantined"  #: Workers kept dying while they ran it.


TERMINAL: Final = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED})

#: Every arrow that a task may take, with what can cause it. Tasks enter as ``scheduled`` or as ``queued``.
TRANSITIONS: Final = MappingProxyType(
    {
        (State.SCHEDULED, State.QUEUED): (Cause.DUE, Cause.HASTENED),
        (State.SCHEDULED, State.CANCELLED): (Cause.CANCELLED,),
        (State.SCHEDULED, State.EXPIRED): (Cause.EXPIRED,),
        (State.QUEUED, State.RUNNING): (Cause.CLAIMED,),
        (State.QUEUED, State.CANCELLED): (Cause.CANCELLED,),
        (State.QUEUED, State.EXPIRED): (Cause.EXPIRED,),
        (State.RUNNING, State.SUCCEEDED): (Cause.COMPLETED,),
        (State.RUNNING, State.FAILED): (Cause.COMPLETED, Cause.HANDED_ON),
        (State.RUNNING, State.CANCELLED): (Cause.COMPLETED, Cause.HANDED_ON),
        (State.RUNNING, State.SCHEDULED): (Cause.RETRIED,),
        (State.RUNNING, State.QUEUED): (Cause.HANDED_ON,),
        (State.FAILED, State.QUEUED): (Cause.REPLAYED,),
        (State.FAILED, State.SCHEDULED): (Cause.REPLAYED,),
    }
)


def may_move(origin: State, target: State) -> bool:
    """Whether a task may go from ``origin`` to ``target``."""
    return (origin, target) in TRANSITIONS
