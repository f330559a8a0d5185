"""What a running task can say and hear: how far it is, where to go on, what it is done with, and whether it is to stop.

A handler takes a ``Context`` (``def``) or an ``AsyncContext`` (``async def``) as its second parameter; anything else that runs in
a task asks for ``current_context()`` or ``current_async_context()``.
"""

from heavylift.context.awaited import AsyncContext, current_async_context
from heavylift.context.blocking import Context, current_context
from heavylift.context.link import Link, current_link, linked
from heavylift.context.progress import Progress

__all__ = [
    "AsyncContext",
    "Context",
    "Link",
    "Progress",
    "current_async_context",
    "current_context",
    "current_link",
    "linked",
]
