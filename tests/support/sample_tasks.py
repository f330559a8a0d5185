"""Tasks that behave well and badly, for tests of the worker. State between runs is kept in files, as processes come and go."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from heavylift import NEVER, PermanentError, RetryPolicy, TemporaryError, task
from heavylift.errors import TaskTimeout
from heavylift.record import Executor, Priority

AT_ONCE = RetryPolicy(max_attempts=3, base=0.0)


class Numbers(BaseModel):
    a: int
    b: int


class Where(BaseModel):
    path: str


class Times(BaseModel):
    path: str
    times: int


class Seconds(BaseModel):
    seconds: float


class Weight(BaseModel):
    mebibytes: int
    seconds: float = 0


class Nothing(BaseModel):
    pass


@task(name="sample.add", retry=NEVER)
def add(payload: Numbers) -> int:
    """Add two numbers."""
    return payload.a + payload.b


@task(name="sample.add_async", retry=NEVER)
async def add_async(payload: Numbers) -> int:
    await asyncio.sleep(0)
    return payload.a + payload.b


@task(name="sample.ping", retry=NEVER)
def ping() -> str:
    return f"pong from {os.getpid()}"


@task(name="sample.sleep", retry=NEVER)
def sleep(payload: Seconds) -> float:
    time.sleep(payload.seconds)
    return payload.seconds


@task(name="sample.raise", retry=NEVER)
def raises(payload: Nothing) -> None:
    raise ValueError("the widget is broken")


@task(name="sample.refuse", retry=AT_ONCE)
def refuses(payload: Nothing) -> None:
    raise PermanentError("this will never work")


@task(name="sample.flaky", retry=AT_ONCE)
def flaky(payload: Times) -> int:
    """Fails until it has been called ``times`` times."""
    calls = _count(payload.path)
    if calls < payload.times:
        raise TemporaryError(f"call {calls} of {payload.times}")
    return calls


@task(name="sample.not_json", retry=NEVER)
def not_json(payload: Nothing) -> Any:
    return object()


@task(name="sample.wrong_type", retry=NEVER)
def wrong_type(payload: Nothing) -> int:
    return "a word"  # type: ignore[return-value]


@task(name="sample.exit", retry=NEVER)
def exits(payload: Nothing) -> None:
    sys.exit(3)


@task(name="sample.die", retry=NEVER)
def die(payload: Where) -> int:
    """Kills its process, and counts how often."""
    _count(payload.path)
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@task(name="sample.die_once", retry=NEVER)
def die_once(payload: Where) -> int:
    if _count(payload.path) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


@task(name="sample.gate", retry=NEVER)
def gate(payload: Where) -> str:
    """Says that it runs by a file, and ends when the gate is opened by another."""
    Path(f"{payload.path}.{os.getpid()}.running").touch()
    while not Path(f"{payload.path}.open").exists():
        time.sleep(0.01)
    return "through"


def _count(path: str) -> int:
    with Path(path).open("ab") as file:  # appended bytes are counted right by several processes
        file.write(b".")
    return Path(path).stat().st_size


@task(name="sample.wait_async", retry=NEVER)
async def wait_async(payload: Seconds) -> float:
    await asyncio.sleep(payload.seconds)
    return payload.seconds


@task(name="sample.gate_async", retry=NEVER)
async def gate_async(payload: Where) -> str:
    """Waits at the gate as a coroutine."""
    while not Path(f"{payload.path}.open").exists():
        await asyncio.sleep(0.01)
    return "through"


@task(name="sample.fail_async", retry=NEVER)
async def fail_async(payload: Nothing) -> None:
    await asyncio.sleep(0)
    raise ValueError("the coroutine is broken")


@task(name="sample.flaky_async", retry=AT_ONCE)
async def flaky_async(payload: Times) -> int:
    calls = _count(payload.path)
    if calls < payload.times:
        raise TemporaryError(f"call {calls} of {payload.times}")
    return calls


@task(name="sample.where", retry=NEVER)
def where() -> list[Any]:
    """Which process and thread it runs in."""
    return [os.getpid(), threading.current_thread().name]


@task(name="sample.where_in_threads", retry=NEVER, executor=Executor.THREADS)
def where_in_threads(payload: Seconds) -> list[Any]:
    time.sleep(payload.seconds)
    return [os.getpid(), threading.current_thread().name]


@task(name="sample.where_async", retry=NEVER)
async def where_async() -> list[Any]:
    return [os.getpid(), threading.current_thread().name]


@task(name="sample.die_async_once", retry=NEVER)
async def die_async_once(payload: Where) -> int:
    if _count(payload.path) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


@task(name="sample.too_long", retry=NEVER, timeout=0.3)
def too_long(payload: Seconds) -> None:
    time.sleep(payload.seconds)


@task(name="sample.too_long_async", retry=NEVER, timeout=0.3)
async def too_long_async(payload: Seconds) -> None:
    await asyncio.sleep(payload.seconds)


@task(name="sample.too_long_in_threads", retry=NEVER, timeout=0.3, executor=Executor.THREADS)
def too_long_in_threads(payload: Seconds) -> None:
    until = time.monotonic() + payload.seconds
    while time.monotonic() < until:
        time.sleep(0.01)


@task(name="sample.too_long_once", retry=AT_ONCE, timeout=0.3)
def too_long_once(payload: Where) -> str:
    if _count(payload.path) == 1:
        time.sleep(30)
    return "in time"


@task(name="sample.deaf", retry=NEVER, timeout=0.3)
def deaf(payload: Seconds) -> None:
    """Does not listen to its timeout."""
    until = time.monotonic() + payload.seconds
    while time.monotonic() < until:
        with contextlib.suppress(TaskTimeout):
            time.sleep(0.01)


@task(name="sample.cancelled_inside", retry=NEVER)
async def cancelled_inside(payload: Nothing) -> None:
    """Ends as a coroutine ends that waits for something that was cancelled."""
    waiting = asyncio.get_running_loop().create_future()
    waiting.cancel()
    await waiting


@task(name="sample.exit_async", retry=NEVER)
async def exits_async(payload: Nothing) -> None:
    sys.exit(3)


@task(name="sample.late", retry=NEVER, timeout=0.2, executor=Executor.PROCESS)
async def late(payload: Where) -> None:
    """Would write to a file long after its timeout."""
    await asyncio.sleep(1.0)
    Path(payload.path).touch()


@task(name="sample.eat", retry=NEVER)
def eat(payload: Weight) -> int:
    """Has this much memory for so long."""
    ballast = b"x" * (payload.mebibytes << 20)
    time.sleep(payload.seconds)
    return len(ballast)


_LEAKED: list[bytes] = []


@task(name="sample.leak", retry=NEVER)
def leak(payload: Weight) -> int:
    """Never gives this memory back."""
    _LEAKED.append(b"x" * (payload.mebibytes << 20))
    return os.getpid()


@task(name="sample.urgent", retry=NEVER, priority=Priority.HIGH)
def urgent() -> None:
    """Goes into the high lane by itself."""
