"""For unit tests of tasks: contexts that are made in a line and say afterwards what was done with them.

Example:
    >>> context = FakeContext(last_checkpoint={"row": 40})
    >>> import_rows(Rows(source="customers.csv"), context)
    >>> assert context.checkpoints[-1] == {"row": 100}
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from heavylift.context import AsyncContext, Context, Progress, linked
from heavylift.errors import TaskCancelled, TaskLost

Answer = TypeVar("Answer")


@dataclass(slots=True)
class FakeLink:
    """A run of which everything is known and everything is kept."""

    task_id: str = "01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42"
    kind: str = "test.task"
    queue: str = "default"
    attempt: int = 1
    max_attempts: int = 1
    fence: int = 1
    deadline: float | None = None
    last_checkpoint: str | None = None
    effects: dict[str, str] = field(default_factory=dict)
    first_run: bool = True
    cancelled: bool = False
    lost: bool = False
    progressed: list[Progress] = field(default_factory=list)
    checkpoints: list[Any] = field(default_factory=list)
    awaited: "asyncio.Task[Any] | None" = None
    interrupted: bool = False

    def tell(self, progress: Progress) -> None:
        self.progressed.append(progress)

    def keep_checkpoint(self, text: str) -> "Future[None]":
        if self.lost:
            return _failed(TaskLost())
        self.checkpoints.append(json.loads(text))
        return _done(None)

    def keep_effect(self, name: str, text: str) -> "Future[None]":  # noqa: ARG002  the context adds it to the effects
        return _failed(TaskLost()) if self.lost else _done(None)

    def recall_effect(self, name: str) -> "Future[str | None]":
        return _done(self.effects.get(name))

    def cancellation(self) -> TaskCancelled:
        return TaskLost() if self.lost else TaskCancelled()

    def interrupt(self) -> None:
        if self.awaited is not None and not self.interrupted:
            self.interrupted = True
            self.awaited.cancel()

    def stop(self, *, lost: bool = False) -> None:
        self.cancelled, self.lost = True, lost
        if self.awaited is not None:
            self.awaited.get_loop().call_soon_threadsafe(self.interrupt)


class _Fake:
    """What a test asks of a fake context, of either kind."""

    def __init__(self, *, last_checkpoint: Any = None, effects: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """``effects``: those that former runs have done, with what they returned. ``fields``: ``task_id``, ``attempt`` …"""
        self._run = FakeLink(
            last_checkpoint=None if last_checkpoint is None else json.dumps(last_checkpoint),
            effects={name: json.dumps(value) for name, value in (effects or {}).items()},
            **fields,
        )
        super().__init__(self._run)  # type: ignore[call-arg]  # of View, which is the other base

    @property
    def progressed(self) -> list[Progress]:
        """Everything that the task said of how far it is."""
        return self._run.progressed

    @property
    def checkpoints(self) -> list[Any]:
        """Every checkpoint that it left."""
        return self._run.checkpoints

    @property
    def effects(self) -> dict[str, Any]:
        """The effects that are done, and what they returned."""
        return {name: json.loads(text) for name, text in self._run.effects.items()}

    def cancel(self) -> None:
        """Call the task off. May be done before it runs, from what it calls, or from another thread."""
        self._run.stop()

    def lose(self) -> None:
        """Let another worker have the task."""
        self._run.stop(lost=True)

    def running(self) -> AbstractContextManager[None]:
        """Let it be what ``current_context`` finds in the body."""
        return linked(self._run)


class FakeContext(_Fake, Context):
    """The context of a ``def`` task."""


class FakeAsyncContext(_Fake, AsyncContext):
    """The context of an ``async def`` task."""


def _done(value: Answer) -> "Future[Answer]":
    future: Future[Answer] = Future()
    future.set_result(value)
    return future


def _failed(error: Exception) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_exception(error)
    return future
