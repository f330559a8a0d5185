"""What happens to a task, a line each."""

from typing import Any

from heavylift.cli.fields import readable
from heavylift.cli.shown.tasks import error_text, progress_text
from heavylift.cli.text import clock, lines, one_line
from heavylift.client.values import DroppedEvent, EndEvent, LogEvent, ProgressEvent, StateEvent, TaskEvent
from heavylift.history import Fate
from heavylift.state import TERMINAL


def event_line(event: TaskEvent) -> str:
    """The line of an event."""
    match event:
        case LogEvent():
            return log_line(event)
        case StateEvent():
            return one_line(state_text(event))
        case ProgressEvent():
            return one_line(f"          {progress_text(event.progress)}")
        case DroppedEvent():
            return f"          {event.lines} lines are not kept"
        case EndEvent():
            return end_text(event)


def log_line(event: LogEvent) -> str:
    """A line that the handler logged, with its fields, and below it the traceback if it has one."""
    fields = {name: value for name, value in event.fields.items() if name != "exception"}
    said = " ".join([event.message or "(held back)", *(f"{name}={_short(value)}" for name, value in fields.items())])
    line = one_line(f"{clock(event.at)}  {event.level:<7}  {said}")
    trace = event.fields.get("exception")
    return f"{line}\n{lines(str(trace))}" if trace else line


def state_text(event: StateEvent) -> str:
    """Where the task is now, and what became of the attempt before."""
    until = f" until {clock(event.due_at)}" if event.due_at else ""
    if event.fate is None:
        attempt = f", try {event.attempt}" if event.run else ""
        return f"{clock(event.at)}  {event.state}{until}{attempt}"
    before = "" if event.state in TERMINAL else " failed" if event.fate is Fate.RETRIED else f" {event.fate.replace('_', ' ')}"
    wrong = (
        "" if event.error is None else ": ".join(part for part in ("", event.error.type, event.error.message) if part is not None)
    )
    return f"{clock(event.at)}  {event.state}{until}, try {event.attempt}{before}{wrong}"


def end_text(event: EndEvent) -> str:
    """What came of it."""
    task = event.task
    if task.error is not None:
        return one_line(f"          {error_text(task.error)}")
    return "" if event.redacted or event.result is None else readable(event.result)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else readable(value)
