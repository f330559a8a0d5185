"""What a context needs of whoever runs its task: the worker, or a test."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol

from heavylift.context.progress import Progress
from heavylift.errors import OutsideTask, TaskCancelled


class Link(Protocol):
    """One run of a task. The futures are done as soon as the store has answered; they may fail with TaskLost."""

    @property
    def task_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def max_attempts(self) -> int: ...

    @property
    def fence(self) -> int: ...

    @property
    def deadline(self) -> float | None:
        """When the timeout strikes, in seconds of ``time.monotonic``; None for never."""

    @property
    def cancelled(self) -> bool:
        """Whether the task is to stop, for either reason."""

    @property
    def lost(self) -> bool:
        """Whether that is because another worker has the task by now."""

    @property
    def first_run(self) -> bool:
        """Whether no run of the task can have come before this one."""

    @property
    def last_checkpoint(self) -> str | None:
        """The JSON text that a former run left."""

    @property
    def effects(self) -> dict[str, str]:
        """The effects of which this run knows what they returned, as JSON texts. Contexts add to it."""

    def tell(self, progress: Progress) -> None:
        """Take note of how far it is. Never waits."""

    def keep_checkpoint(self, text: str) -> "Future[None]": ...
    def keep_effect(self, name: str, text: str) -> "Future[None]": ...
    def recall_effect(self, name: str) -> "Future[str | None]": ...

    def cancellation(self) -> TaskCancelled:
        """The error with which a task gives way; TaskLost where it is lost."""

    #: The asyncio task that awaits the function of this run, where it is ``async def``.
    awaited: "asyncio.Task[Any] | None"

    def interrupt(self) -> None:
        """On the loop of ``awaited``: cancel it, if it is still there, and once only."""


#: The run that the code which asks is part of. Whoever runs a task sets it; others have ``linked``.
LINK: Final[ContextVar[Link | None]] = ContextVar("heavylift_link", default=None)


def current_link() -> Link | None:
    """The run that this code is part of, None outside of any."""
    return LINK.get()


def required_link() -> Link:
    """The run that this code is part of. Raises OutsideTask."""
    link = LINK.get()
    if link is None:
        raise OutsideTask
    return link


@contextmanager
def linked(link: Link) -> Iterator[None]:
    """Let what runs in the body be part of this run."""
    token = LINK.set(link)
    try:
        yield
    finally:
        LINK.reset(token)
