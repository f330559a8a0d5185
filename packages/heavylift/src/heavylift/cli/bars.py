"""A bar for each task, and above the bars the lines that tasks log."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from rich import markup
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn
from rich.progress import Task as Bar
from rich.text import Text

from heavylift.cli.shown.events import event_line, state_text
from heavylift.cli.shown.tasks import STYLES, progress_text
from heavylift.cli.text import one_line
from heavylift.client.values import DroppedEvent, LogEvent, ProgressEvent, StateEvent, Task, TaskEvent
from heavylift.state import TERMINAL, State


class Bars:
    """Bars on the terminal; what is above them stays."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._several = len(tasks) > 1
        self._progress = Progress(
            TextColumn("{task.description}"),
            TextColumn("{task.fields[state]}", style="bold"),
            BarColumn(bar_width=24),
            RunTime(),
            TextColumn("{task.fields[says]}"),
            console=Console(highlight=False),
        )
        self._bars = {task.id: self._bar(task) for task in tasks}

    def show(self, task_id: str, event: TaskEvent) -> None:
        """Move a bar, or write a line above."""
        match event:
            case LogEvent() | DroppedEvent():
                self._write(task_id, event_line(event))
            case ProgressEvent():
                self._say(self._bars[task_id], event.progress)
            case StateEvent():
                if event.error is not None:
                    self._write(task_id, one_line(state_text(event)), style="yellow")
                self._move(self._bars[task_id], event)

    def _bar(self, task: Task) -> TaskID:
        name = f"{task.kind} {_end(task.id)}" if self._several else task.kind
        return self._progress.add_task(_plain(name), total=None, start=False, state="", says="", began=None, ended=None)

    def _write(self, task_id: str, line: str, style: str = "") -> None:
        whose = f"{_end(task_id)}  " if self._several else ""
        self._progress.console.print(Text(f"{whose}{line}", style=style), soft_wrap=True)

    def _say(self, bar: TaskID, progress: Any) -> None:
        self._progress.update(bar, says=_plain(progress_text(progress)))
        if isinstance(progress, dict) and "done" in progress:
            self._progress.update(bar, completed=progress["done"], total=progress.get("total"))

    def _move(self, bar: TaskID, event: StateEvent) -> None:
        self._progress.update(bar, state=f"[{STYLES[event.state]}]{event.state:<9}[/]")
        if event.state is State.RUNNING:
            self._progress.update(bar, began=event.at)
            self._progress.start_task(bar)
        if event.state in TERMINAL:
            self._progress.update(bar, ended=event.at)
            self._stop(bar, event.state)

    def _stop(self, bar: TaskID, state: State) -> None:
        """One that has succeeded is full, whatever it said of its progress; any other stays where it came to."""
        shown = self._progress.tasks[self._progress.task_ids.index(bar)]
        if state is State.SUCCEEDED:
            self._progress.update(bar, total=shown.total or 1.0, completed=shown.total or 1.0)
        elif shown.total is None:
            self._progress.update(bar, total=1.0, completed=0.0)
        self._progress.stop_task(bar)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()


class RunTime(ProgressColumn):
    """For how long the task has run, by the clock of the service: who comes late sees the same."""

    def render(self, task: Bar) -> Text:
        """Minutes and seconds of its latest run."""
        began, ended = task.fields["began"], task.fields["ended"]
        if began is None:
            return Text("    -")
        minutes, seconds = divmod(max(0, int(((ended or datetime.now(UTC)) - began).total_seconds())), 60)
        return Text(f"{minutes:>2}:{seconds:02}")


def _end(task_id: str) -> str:
    """The part of an id in which those of one moment differ."""
    return f"…{task_id[-8:]}"


def _plain(text: str) -> str:
    """A text of others, in which rich finds nothing to obey."""
    return markup.escape(one_line(text))
