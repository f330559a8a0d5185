"""Ways to show what happens to tasks, for programs and for pipes."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from heavylift.cli.plain import plain
from heavylift.cli.shown.events import event_line
from heavylift.cli.terminal import say, say_json_line
from heavylift.client.values import Task, TaskEvent


class View(Protocol):
    """Shows events as they come."""

    def show(self, task_id: str, event: TaskEvent) -> None:
        """Show one."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End, and leave the terminal as it was."""


class Plainly:
    """The base of those that hold nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing is held."""


class JsonLines(Plainly):
    """A JSON document on each line."""

    def show(self, task_id: str, event: TaskEvent) -> None:
        """The event with its name and the id of its task."""
        told = plain(event)
        id_ = told.pop("id")
        data = told.pop("task", {}) | told  # of an end it is the task with its result, as the API tells it
        say_json_line({"task": task_id, "event": event.name, "id": id_, "data": data})


class Lines(Plainly):
    """A line of text for each; where there are several tasks, after the id of its task."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._several = len(tasks) > 1

    def show(self, task_id: str, event: TaskEvent) -> None:
        """The event, if there is something to say."""
        if line := event_line(event):
            say(f"{task_id}  {line}" if self._several else line)
