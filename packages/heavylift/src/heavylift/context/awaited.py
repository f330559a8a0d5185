"""The context of a task that is ``async def``, and how such a task hears that it is to stop."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from heavylift.context.blocking import PATIENCE
from heavylift.context.link import current_link, required_link
from heavylift.context.text import checked_name, checkpoint_text, effect_text
from heavylift.context.view import View
from heavylift.errors import StoreUnavailable

Answer = TypeVar("Answer")


class AsyncContext(View):
    """What an ``async def`` task can say and hear while it runs: a ``Context`` of which what waits is awaited."""

    __slots__ = ()

    async def checkpoint(self, value: Any) -> None:
        """As ``Context.checkpoint``."""
        await _answered(self._link.keep_checkpoint(checkpoint_text(value)))

    async def once(self, name: str, effect: Callable[[], Awaitable[Any]]) -> Any:
        """As ``Context.once``, for an effect that is awaited."""
        link, name = self._link, checked_name(name)
        if name not in link.effects and not link.first_run:
            recalled = await _answered(link.recall_effect(name))
            if recalled is not None:
                link.effects[name] = recalled
        if name not in link.effects:
            text = effect_text(name, await effect())
            await _answered(link.keep_effect(name, text))
            link.effects[name] = text
        return json.loads(link.effects[name])


def current_async_context() -> AsyncContext:
    """The context of the task that this code is part of, for code that awaits. Raises OutsideTask."""
    return AsyncContext(required_link())


async def giving_way(awaitable: Awaitable[Answer]) -> Answer:
    """Await the function of a task so that it gets a CancelledError as soon as the task is to stop."""
    link = current_link()
    if link is None:
        return await awaitable
    link.awaited = asyncio.current_task()
    if link.cancelled:
        link.interrupt()
    try:
        return await awaitable
    finally:
        link.awaited = None  # what comes after the function is not interrupted


async def _answered(answer: "Future[Answer]") -> Answer:
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.wrap_future(answer)
    except TimeoutError:
        raise StoreUnavailable(f"the store could not be asked for {PATIENCE:g} s") from None
