"""What operators did: who, what, to what, when, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

DONE: Final = "done"  #: The outcome of what was done as it was asked for.


class Action(StrEnum):
    """What an operator may do."""

    CANCEL_TASK = "task.cancel"
    RETRY_TASK = "task.retry"
    REPLAY_TASK = "task.replay"
    CANCEL_TASKS = "tasks.cancel"
    RETRY_TASKS = "tasks.retry"
    CANCEL_BATCH = "batch.cancel"
    DISCARD_DEAD_LETTER = "dead_letter.discard"
    REPLAY_DEAD_LETTERS = "dead_letters.replay"
    DISCARD_DEAD_LETTERS = "dead_letters.discard"
    PAUSE_QUEUE = "queue.pause"
    RESUME_QUEUE = "queue.resume"
    OVERRIDE_POOL = "pool.override"
    FREEZE_POOL = "pool.freeze"
    RELEASE_POOL = "pool.release"
    FREEZE_POOLS = "pools.freeze"
    RELEASE_POOLS = "pools.release"
    LIMIT_QUEUE = "queue.limit"
    PURGE_QUEUE = "queue.purge"
    CREATE_KEY = "key.create"
    ROTATE_KEY = "key.rotate"
    REVOKE_KEY = "key.revoke"
    PUT_SCHEDULE = "schedule.put"
    PAUSE_SCHEDULE = "schedule.pause"
    RESUME_SCHEDULE = "schedule.resume"
    TRIGGER_SCHEDULE = "schedule.trigger"
    DROP_SCHEDULE = "schedule.drop"


class Door(StrEnum):
    """Which way an operator came in."""

    HTTP = "http"
    TERMINAL = "terminal"  #: At the store itself, past the API.


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    Over HTTP ``key`` is the id of the key that was shown and ``name`` its name, both '' where none is asked for; ``tenant`` is
    whose it is. At a terminal ``name`` is the user of the operating system and its machine.
    """

    door: Door
    name: str = ""
    key: str = ""
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One act, as it is meant. Nothing that a task carries and no secret is in it.

    ``target`` is an id or a name, or a filter as it stands in an address; ``request`` the id of the request, '' at a terminal;
    ``details`` what else was asked for, a few JSON values.
    """

    actor: Actor
    action: Action
    target: str
    request: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: ``done``, ``cut-off`` or the name of a problem; ``changed``: how many, if it may be several."""

    told: str = DONE
    changed: int | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A deed in the log.

    ``id`` is its place there and ``at`` when it was begun; both times are the store's clock. One without an ``outcome`` is under
    way, or its process died in the middle, and nobody knows how far it came.
    """

    id: str
    at: datetime
    actor: Actor
    action: str  #: Of a newer release it may be one that is not known here.
    target: str
    request: str
    details: Mapping[str, Any]
    outcome: Outcome | None = None
    ended_at: datetime | None = None
