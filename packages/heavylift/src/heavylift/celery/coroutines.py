"""``async def`` tasks where there is no event loop yet: one for the life of each thread that runs tasks."""

import asyncio
import contextvars
import os
import threading
from collections.abc import Coroutine, Iterable
from functools import cache
from typing import Any

from heavylift.context.awaited import giving_way


def run_to_end(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end and return its result.

    The loop is kept, so clients and pools that a task opens on it can be used by the next one. The context of the caller is
    the context of the coroutine, so log fields and the current span go with it. When the task is to stop the coroutine gets a
    CancelledError.
    """
    runner = _runner(os.getpid(), threading.get_ident())
    try:
        return runner.run(giving_way(coroutine), context=contextvars.copy_context())
    except BaseException:
        _end_what_is_left(runner.get_loop())
        raise


def _end_what_is_left(loop: asyncio.AbstractEventLoop) -> None:
    """After an exception from outside, such as a timeout: nothing of this run may go on in the next one."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(_all_ended(left))


async def _all_ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


@cache
def _runner(_process: int, _thread: int) -> asyncio.Runner:  # a loop is shared neither across a fork nor between threads
    return asyncio.Runner()
