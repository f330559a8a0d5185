"""Kinds for the fuzzer: each takes any payload at all, and each ends in its own way."""

import asyncio
import logging
from typing import Any, Final

from pydantic import RootModel

from heavylift import NEVER, AsyncContext, PermanentError, RetryPolicy, TemporaryError, task

KINDS: Final = ("fuzz.echo", "fuzz.talk", "fuzz.fail", "fuzz.retry")

logger = logging.getLogger("fuzz")


class Anything(RootModel[Any]):
    """Any JSON value."""


@task(name="fuzz.echo", retry=NEVER)
async def echo(payload: Anything) -> Any:
    """Gives back what it gets."""
    return payload.root


@task(name="fuzz.talk", retry=NEVER)
async def talk(payload: Anything, context: AsyncContext) -> int:
    """Logs, and tells of its progress; long enough to be called off."""
    for step in range(5):
        logger.info("step %s with %r", step, payload.root)
        await context.progress(step, 5, message="under way")
        await asyncio.sleep(0.05)
    return 5


@task(name="fuzz.fail", retry=NEVER)
async def fail(payload: Anything) -> None:
    """Is a dead letter at once."""
    raise PermanentError(f"will not have {payload.root!r}"[:500])


@task(name="fuzz.retry", retry=RetryPolicy(max_attempts=2, base=0.1))
async def retry(payload: Anything) -> None:
    """Is a dead letter at the second attempt."""
    raise TemporaryError("not yet")
