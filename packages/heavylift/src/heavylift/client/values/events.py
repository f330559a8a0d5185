"""What those who follow a task are told."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from heavylift.client.values.task import TaskSummary
from heavylift.history import Fate
from heavylift.state import State
from heavylift.story import EventName


@dataclass(frozen=True, slots=True, kw_only=True)
class EventError:
    """What went wrong in an attempt, in short."""

    type: str
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateEvent:
    """The task is in another state. ``run`` counts how often it was taken in hand; ``fate`` is that of the attempt before."""

    name: ClassVar[EventName] = EventName.STATE
    id: str
    state: State
    at: datetime
    attempt: int
    run: int
    due_at: datetime | None = None
    fate: Fate | None = None
    error: EventError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """How far the task is. Of what it says in quick succession only the newest is told."""

    name: ClassVar[EventName] = EventName.PROGRESS
    id: str
    run: int
    progress: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """A line that the handler of the task logged. ``at`` is by the clock of the worker.

    ``message`` is None and ``fields`` empty where the key lacks the scope ``payload``.
    """

    name: ClassVar[EventName] = EventName.LOG
    id: str
    at: datetime
    level: str
    attempt: int
    run: int
    logger: str
    message: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedEvent:
    """``lines`` before the next one are not kept. It has no id to go on from."""

    name: ClassVar[EventName] = EventName.DROPPED
    id: str | None = None
    run: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEvent:
    """The task has ended, and nothing follows. ``result`` is what the function returned, None unless it has succeeded."""

    name: ClassVar[EventName] = EventName.END
    id: str
    task: TaskSummary
    result: Any = None
    redacted: bool = False


TaskEvent = StateEvent | ProgressEvent | LogEvent | DroppedEvent | EndEvent
