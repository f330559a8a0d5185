"""Tasks to try Heavylift with: each shows one thing that can happen to a task."""

import asyncio
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from heavylift import AsyncContext, PermanentError, RetryPolicy, TemporaryError, task


class Pause(BaseModel):
    """How long to take."""

    model_config = ConfigDict(extra="forbid")

    seconds: float = Field(1.0, ge=0, le=3600, allow_inf_nan=False, description="Seconds to take, an hour at most.")


class Slept(BaseModel):
    """How long it took."""

    seconds: float


class Sum(BaseModel):
    """Two numbers."""

    model_config = ConfigDict(extra="forbid")

    a: int | float = Field(description="The first number.")
    b: int | float = Field(description="The second number.")


class Trouble(BaseModel):
    """How to fail."""

    model_config = ConfigDict(extra="forbid")

    error: Literal["permanent", "temporary", "unexpected"] = Field(
        "unexpected",
        description="`permanent` ends the task at once; `temporary` asks for another attempt, after `delay` where it is given; "
        "`unexpected` is a mistake in a program, tried again by the retry policy.",
    )
    message: str = Field("failed on purpose", max_length=500, description="What the error says.")
    delay: float | None = Field(
        None, ge=0, le=3600, description="Seconds until the next attempt; only `temporary` errors look at it."
    )


class Anything(RootModel[Any]):
    """Any JSON value."""


@task(timeout=3660)
async def sleep(payload: Pause, context: AsyncContext) -> Slept:
    """Take some time and do nothing, as a slow task would. It says how far it is, and ends at once when it is called off."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    while (slept := clock() - begun) < payload.seconds:
        context.progress(round(slept, 3), payload.seconds, f"{slept:.1f} of {payload.seconds:g} s")
        await asyncio.sleep(min(_step(payload.seconds), payload.seconds - slept))
    context.progress(payload.seconds, payload.seconds)
    return Slept(seconds=payload.seconds)


def _step(seconds: float) -> float:
    """Seconds between two words on a way of ``seconds``: 20 of them, but no more than two in a second."""
    return max(0.5, seconds / 20)


@task
def add(payload: Sum) -> int | float:
    """Add two numbers."""
    return payload.a + payload.b


@task
def echo(payload: Anything) -> Any:
    """Give back what came in."""
    return payload.root


@task(retry=RetryPolicy(max_attempts=3, base=0.5, cap=5.0))
def fail(payload: Trouble) -> None:
    """Fail on purpose, to see what becomes of a task that does."""
    match payload.error:
        case "permanent":
            raise PermanentError(payload.message)
        case "temporary":
            raise TemporaryError(payload.message, delay=payload.delay)
        case "unexpected":
            raise RuntimeError(payload.message)
