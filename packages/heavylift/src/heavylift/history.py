"""What became of the attempts of a task that did not succeed. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from heavylift.fingerprint import CLOCKS
from heavylift.outcome import Failed, Failure, Retry
from heavylift.record import from_ms
from heavylift.state import FailureReason

LONGEST_MESSAGE: Final = 300  #: Characters of an error that a history keeps; the record has more of the last one.


class Fate(StrEnum):
    """What became of an attempt, and what was done to the task between its attempts."""

    RETRIED = "retried"  #: It failed, and another followed.
    FAILED = "failed"  #: It failed, and was the last.
    TIMED_OUT = "timed_out"  #: It ran longer than it may.
    CANCELLED = "cancelled"  #: It ended because somebody had called the task off.
    WORKER_LOST = "worker_lost"  #: Its worker died, or was believed dead.
    HANDED_BACK = "handed_back"  #: Its worker was stopped before it was through.
    REPLAYED = "replayed"  #: No attempt: the dead letter was put back into its queue.


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """One attempt that did not succeed, or a replay.

    ``attempt`` counts from 1, and again after a replay; ``run`` is the fence of the attempt, which only ever rises. ``cause``
    says how a worker was lost, ``queued_at`` since when the task waited for this attempt. ``edited``: the replay gave the task
    another payload, and the one before stays under ``run``; ``due_at``: it waits until then.
    """

    attempt: int
    run: int
    fate: Fate
    worker: str | None
    started_at: datetime | None
    ended_at: datetime
    queued_at: datetime | None = None
    error_type: str | None = None
    message: str | None = None
    fingerprint: str | None = None
    cause: str | None = None
    edited: bool = False
    due_at: datetime | None = None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The entry of a list that a store keeps."""
        raw = json.loads(text)
        known = {name: raw[name] for name in cls.__dataclass_fields__ if name in raw}  # a newer version may say more
        known["fate"] = Fate(raw["fate"])
        known["worker"] = raw["worker"] or None
        for moment in ("queued_at", "started_at", "ended_at", "due_at"):
            known[moment] = None if raw.get(moment) is None else from_ms(raw[moment])
        return cls(**known)


def fate_of(outcome: Failed | Retry) -> Fate:
    """What became of an attempt that ended so."""
    if isinstance(outcome, Retry):
        return Fate.TIMED_OUT if outcome.error.type in CLOCKS else Fate.RETRIED
    return Fate.TIMED_OUT if outcome.reason is FailureReason.TIMED_OUT else Fate.FAILED


def told_of(error: Failure) -> dict[str, Any]:
    """What the history keeps of an error, by the names of a ``PastAttempt``."""
    return {"error_type": error.type, "message": error.message[:LONGEST_MESSAGE], "fingerprint": error.fingerprint}


def said_of(error: Failure) -> str:
    """The same as the scripts take it."""
    return json.dumps(told_of(error))
