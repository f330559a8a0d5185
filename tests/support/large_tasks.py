"""Tasks that are given much and return much."""

import asyncio
from typing import Annotated

from pydantic import BaseModel, Field

from heavylift import RetryPolicy, task

AT_ONCE = RetryPolicy(max_attempts=3, base=0.0)


class Text(BaseModel):
    """Something to work on."""

    text: str
    times: Annotated[int, Field(ge=0)] = 1


@task(name="large.repeat", retry=AT_ONCE)
def repeat(payload: Text) -> str:
    """Say it so many times."""
    return payload.text * payload.times


@task(name="large.repeat_async", retry=AT_ONCE)
async def repeat_async(payload: Text) -> str:
    """The same on an event loop."""
    await asyncio.sleep(0)
    return payload.text * payload.times
