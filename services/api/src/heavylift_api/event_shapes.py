"""The shapes of what followers of a task are told, with an example of each."""

from typing import Any

from pydantic import ConfigDict, Field

from heavylift.history import Fate
from heavylift.state import State
from heavylift.story import EventName
from heavylift_api import event_examples
from heavylift_api.schemas import Moment, ObjectView, Progress, Shape, TaskSummary


class EventError(Shape):
    """What went wrong in an attempt, in short."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.ERROR]})

    type: str
    message: str | None


class StateEvent(Shape):
    """The task is in another state; `event: state`."""

    model_config = ConfigDict(json_schema_extra={"examples": event_examples.STATES})

    state: State
    at: Moment
    attempt: int = Field(description="Number of the try that this is about; the first is 1.")
    run: int = Field(description="How often the task has been taken in hand; 0 before the first time. It only ever rises.")
    due_at: Moment | None = Field(
        None, description="When it enters its queue, for a task that was submitted, or replayed, for later."
    )
    fate: Fate | None = Field(None, description="What became of the attempt before.")
    error: EventError | None = Field(None, description="What went wrong in it.")
    edited: bool = Field(False, description="For a replay: whether it gave the task another payload.")


class ProgressEvent(Shape):
    """How far the task is; `event: progress`. Of what it says in quick succession only the newest is told."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.PROGRESS]})

    run: int
    progress: Progress


class LogEvent(Shape):
    """A line that the handler of the task logged; `event: log`."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.LOG]})

    at: Moment = Field(description="By the clock of the worker.")
    level: str
    attempt: int
    run: int
    logger: str
    message: str | None = Field(description="null, and `fields` empty, for want of the scope `payload`.")
    fields: dict[str, Any] = Field(description="What the line says besides: numbers, truth and text; `exception` is a traceback.")


class DroppedEvent(Shape):
    """Lines before the next one that are not kept: they were too many, or a redaction hook took them; `event: dropped`."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.DROPPED]})

    run: int
    lines: int


class EndEvent(TaskSummary):
    """The task has ended; `event: end`, the last one."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.END]})

    result: Any = Field(description="What the function returned; null unless the task has succeeded, and where it is too large.")
    result_object: ObjectView | None = Field(description="Where the result is, if it is too large to be told.")
    redacted: bool = Field(description="Whether `result` and parts of `error` are held back, for want of the scope `payload`.")


class TaskEvent(Shape):
    """One event, as a page of them shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.PAGE["events"][0]]})

    id: str | None = Field(
        description="Where it stands in the story of the task. Ask on with the last one that you have. null for `dropped`."
    )
    event: EventName
    data: StateEvent | ProgressEvent | LogEvent | DroppedEvent | EndEvent


class EventPage(Shape):
    """Events in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.PAGE]})

    events: tuple[TaskEvent, ...]
    after: str | None = Field(description="Give it as `after` to ask on; null while there is nothing.")
    over: bool = Field(description="Whether the task has ended and all is told.")


class LogEntry(LogEvent):
    """A line of the log of a task."""

    model_config = ConfigDict(json_schema_extra={"examples": event_examples.LOG_PAGE["lines"]})

    id: str = Field(description="The same as in the stream of its events.")


class LogPage(Shape):
    """Lines of the log of a task, the oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [event_examples.LOG_PAGE]})

    lines: tuple[LogEntry, ...]
    dropped: int = Field(description="How many lines between these are not kept.")
    after: str | None = Field(description="Give it as `after` for what follows; null while there is nothing.")
    more: bool = Field(description="Whether there is more already.")
