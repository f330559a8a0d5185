"""Background work that is never lost.

What an application needs to write tasks is here; everything else is imported from the module that names it.
"""

from typing import TYPE_CHECKING, Any

from heavylift.context import AsyncContext, Context, current_async_context, current_context
from heavylift.errors import PermanentError, TaskCancelled, TaskLost, TemporaryError
from heavylift.record import Priority
from heavylift.retry import NEVER, RetryPolicy

if TYPE_CHECKING:
    from heavylift.client import AsyncClient, Client
    from heavylift.registry import task

__all__ = [
    "NEVER",
    "AsyncClient",
    "AsyncContext",
    "Client",
    "Context",
    "PermanentError",
    "Priority",
    "RetryPolicy",
    "TaskCancelled",
    "TaskLost",
    "TemporaryError",
    "current_async_context",
    "current_context",
    "task",
]


def __getattr__(name: str) -> Any:
    # Only who writes tasks, or submits them, loads what that takes: the API imports this package, too, and runs nobody's code.
    if name == "task":
        from heavylift.registry import task

        return task
    if name in ("Client", "AsyncClient"):
        import heavylift.client

        return getattr(heavylift.client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
