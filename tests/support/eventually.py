"""Waiting for a fact, with a deadline that says what was seen last."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def eventually(look: Callable[[], Seen], *, holds: Callable[[Seen], bool] = bool, within: float = 10.0, claim: str = "") -> Seen:
    """Look until what is seen holds, and return it. Fails after ``within`` seconds with the last thing seen."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if holds(seen):
            return seen
        if time.monotonic() >= deadline:
            raise AssertionError(f"{claim or 'what was awaited'} did not come true within {within} s; last seen: {seen!r}")
        time.sleep(0.01)


async def eventually_async(
    look: Callable[[], Awaitable[Seen]], *, holds: Callable[[Seen], bool] = bool, within: float = 10.0, claim: str = ""
) -> Seen:
    """The same, for what is looked at by awaiting it; the event loop goes on meanwhile."""
    deadline = time.monotonic() + within
    while True:
        seen = await look()
        if holds(seen):
            return seen
        if time.monotonic() >= deadline:
            raise AssertionError(f"{claim or 'what was awaited'} did not come true within {within} s; last seen: {seen!r}")
        await asyncio.sleep(0.01)
