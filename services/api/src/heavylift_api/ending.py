"""Ending an asyncio task for certain."""

import asyncio
from typing import Any, Final

AGAIN: Final = 0.02  #: Seconds after which a cancellation that had no effect is repeated.


async def end(task: "asyncio.Task[Any]") -> None:
    """Cancel ``task`` until it has ended, and leave its outcome to be asked for.

    Once is not enough: ``asyncio.wait_for`` of Python 3.11, through which redis-py sends, drops a cancellation that comes in the
    moment in which its work is done.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=AGAIN)
