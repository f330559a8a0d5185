"""Tasks that use their context. What they saw is kept in files, as processes come and go."""

import asyncio
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from heavylift import (
    NEVER,
    AsyncContext,
    Context,
    PermanentError,
    RetryPolicy,
    TaskCancelled,
    TemporaryError,
    current_async_context,
    current_context,
    task,
)

AT_ONCE = RetryPolicy(max_attempts=3, base=0.0)


class Where(BaseModel):
    path: str


class Rows(BaseModel):
    path: str
    rows: int = 100


class Seconds(BaseModel):
    seconds: float


def _begin(path: str) -> None:
    Path(f"{path}.{os.getpid()}.running").touch()


def _saw(path: str, context: Context | AsyncContext) -> None:
    Path(f"{path}.{os.getpid()}.saw").write_text("lost" if context.lost else "cancelled")


@task(name="context.patient", retry=AT_ONCE)
def patient(payload: Where, context: Context) -> str:
    """Works until it is to stop, and then gives way."""
    _begin(payload.path)
    while not context.cancelled:
        time.sleep(0.01)
    _saw(payload.path, context)
    context.raise_if_cancelled()
    return "never"


@task(name="context.wait_to_be_killed", retry=AT_ONCE)
def wait_to_be_killed(payload: Where, context: Context) -> int:
    """Says that it runs, and waits for its end; the run after that ends well."""
    context.progress(context.fence)
    if context.fence == 1:
        _add(payload.path, f"{os.getpid()}\n")
        time.sleep(60)
    return context.fence


@task(name="context.without_payload", retry=NEVER)
def without_payload(context: Context) -> list[Any]:
    assert current_context().task_id == context.task_id
    return [context.task_id, context.kind, context.queue, context.attempt, context.max_attempts, context.deadline]


@task(name="context.limited", retry=NEVER, timeout=30)
def limited(context: Context) -> float | None:
    return context.seconds_left


@task(name="context.finish", retry=AT_ONCE)
def finish(payload: Where, context: Context) -> str:
    """Finishes although it is to stop."""
    _begin(payload.path)
    while not context.cancelled:
        time.sleep(0.01)
    return "finished"


@task(name="context.stumble", retry=AT_ONCE)
def stumble(payload: Where, context: Context) -> None:
    """Fails in a way that another attempt may mend, while it is to stop."""
    _begin(payload.path)
    while not context.cancelled:
        time.sleep(0.01)
    raise TemporaryError("stumbled")


@task(name="context.fall", retry=AT_ONCE)
def fall(payload: Where, context: Context) -> None:
    """Fails for good, while it is to stop."""
    _begin(payload.path)
    while not context.cancelled:
        time.sleep(0.01)
    raise PermanentError("fell")


@task(name="context.deaf", retry=AT_ONCE)
def deaf(payload: Where) -> int:
    """Computes in C for minutes, in which nothing else of its process gets to run."""
    _begin(payload.path)
    return sum(range(10**11))


@task(name="context.presumes", retry=AT_ONCE)
def presumes(context: Context) -> None:
    """Gives way although nobody asked it to."""
    raise TaskCancelled


@task(name="context.wait", retry=AT_ONCE)
async def wait(payload: Where, context: AsyncContext) -> None:
    """Waits for minutes, and tidies up."""
    _begin(payload.path)
    try:
        await asyncio.sleep(600)
    finally:
        _saw(payload.path, context)


@task(name="context.swallow", retry=AT_ONCE)
async def swallow(payload: Where) -> str:
    """Finishes although it is to stop."""
    _begin(payload.path)
    try:
        await asyncio.sleep(600)
    except asyncio.CancelledError:
        await asyncio.sleep(0.3)  # longer than orders take to be repeated: they interrupt once
    return f"swallowed {current_async_context().cancelled}"


@task(name="context.count", retry=NEVER)
def count(payload: Rows, context: Context) -> int:
    """Says how far it is after every row."""
    _begin(payload.path)
    for row in range(payload.rows):
        context.progress(row + 1, payload.rows, f"row {row + 1}")
    return payload.rows


@task(name="context.creep", retry=NEVER)
async def creep(payload: Rows, context: AsyncContext) -> None:
    """Says how far it is until it is to stop."""
    while not context.cancelled:
        context.progress(1, payload.rows)
        await asyncio.sleep(0.01)


@task(name="context.resume", retry=AT_ONCE)
def resume(payload: Rows, context: Context) -> Any:
    """Works on from its checkpoint; the first run dies at row 7, the second fails at row 14."""
    first = (context.last_checkpoint or {"row": 0})["row"]
    _add(payload.path, f"{first}\n")
    for row in range(first + 1, 21):
        context.checkpoint({"row": row})
        if row == 7 and first == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if row == 14 and first == 7:
            raise TemporaryError("row 14 is difficult")
    return first


@task(name="context.slow_steps", retry=NEVER)
def slow_steps(payload: Where, context: Context) -> int:
    """Takes 20 steps in a second, and leaves a checkpoint after each."""
    for step in range(20):
        time.sleep(0.05)
        context.checkpoint(step)
        Path(payload.path).touch()
    return step + 1


@task(name="context.resume_async", retry=AT_ONCE)
async def resume_async(context: AsyncContext) -> Any:
    if context.attempt == 1:
        await context.checkpoint(["half", "way"])
        raise TemporaryError("later")
    return context.last_checkpoint


@task(name="context.mail", retry=AT_ONCE)
def mail(payload: Where, context: Context) -> Any:
    """Sends a mail and a bill; the first run dies between the two, the second fails after both."""
    sent = context.once("mail", lambda: _send(payload.path, "mail"))
    if context.attempt == 1 and not Path(f"{payload.path}.died").exists():
        Path(f"{payload.path}.died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    billed = context.once("bill", lambda: _send(payload.path, "bill"))
    if context.attempt == 1:
        raise TemporaryError("once more")
    return [sent, billed, context.once("mail", lambda: _send(payload.path, "mail"))]


@task(name="context.mail_async", retry=AT_ONCE)
async def mail_async(payload: Where, context: AsyncContext) -> Any:
    async def send() -> list[str]:
        await asyncio.sleep(0)
        return _send(payload.path, "mail")

    sent = await context.once("mail", send)
    if context.attempt == 1:
        raise TemporaryError("once more")
    return sent


@task(name="context.too_much", retry=AT_ONCE)
def too_much(context: Context) -> None:
    context.checkpoint("x" * 70_000)


@task(name="context.in_a_thread", retry=NEVER)
def in_a_thread(context: Context) -> Any:
    """A thread of its own does not know the task, but may be given its context."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(context.once("there", lambda: "and back")))
    thread.start()
    thread.join()
    return found


def _send(path: str, what: str) -> list[str]:
    _add(f"{path}.{what}", ".")
    return [what, "sent"]


def _add(path: str, text: str) -> None:
    with Path(path).open("a") as file:
        file.write(text)
