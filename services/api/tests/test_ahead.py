"""Processes that are started before they are wanted."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from heavylift_api.errors import BodyTooLarge
from heavylift_api.large.ahead import Ahead
from tests.support.eventually import eventually_async

#: Says that it begins, and what it was given; then it waits to be ended.
ECHO = "import sys; given = sys.stdin.readline(); given and print('begins', given, sep='\\n', flush=True); sys.stdin.read()"


@pytest.fixture
async def ahead() -> AsyncIterator[Ahead]:
    made = Ahead([sys.executable, "-c", ECHO])
    yield made
    await made.close()


async def use(ahead: Ahead, order: str) -> int:
    """Have it done by one; its process id."""
    async with ahead.given(order) as process:
        assert process.stdout is not None
        assert await process.stdout.readline() == order.encode() + b"\n"
    assert process.returncode is not None, "it is used once"
    return process.pid


async def test_the_first_use_starts_one_and_each_next_finds_one_that_waits(ahead: Ahead) -> None:
    assert ahead.waiting is None, "who submits nothing large pays nothing"

    await use(ahead, "a")
    for order in "bc":
        waiting = ahead.waiting
        assert await use(ahead, order) == waiting
    assert ahead.waiting is not None


async def test_one_that_died_while_it_waited_is_missed_by_nobody(ahead: Ahead) -> None:
    await use(ahead, "a")
    dead = ahead.waiting
    assert dead is not None

    os.kill(dead, signal.SIGKILL)  # and nobody had the time to notice

    assert await use(ahead, "b") != dead


async def test_that_no_other_can_be_started_is_no_fault_of_the_one_that_did_its_work(tmp_path: Path) -> None:
    program = tmp_path / "echo"
    program.write_text(f"#!{sys.executable}\n{ECHO}")
    program.chmod(0o700)
    ahead = Ahead([str(program)])

    async with ahead.given("a") as process:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"a\n"
        program.unlink()

    assert ahead.waiting is None


async def test_after_one_that_was_killed_at_its_work_another_waits(ahead: Ahead) -> None:
    async with ahead.given("a") as process:
        process.kill()
        await process.wait()

    assert await use(ahead, "b")


async def test_who_is_called_off_leaves_no_process(ahead: Ahead) -> None:
    begun = asyncio.Event()
    pids = []

    async def work() -> None:
        async with ahead.given("a") as process:
            pids.append(process.pid)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


async def test_one_that_nobody_wants_ends() -> None:
    ahead = Ahead([sys.executable, "-c", ECHO], idle=0.2)
    await use(ahead, "a")

    async def waiting() -> int | None:
        return ahead.waiting

    await eventually_async(waiting, holds=lambda pid: pid is None, claim="it ends")
    await use(ahead, "b")
    await ahead.close()


async def test_nothing_waits_after_the_end() -> None:
    ahead = Ahead([sys.executable, "-c", ECHO])
    await use(ahead, "a")

    await ahead.close()

    assert ahead.waiting is None
    await use(ahead, "the last one, which was under way")
    assert ahead.waiting is None


async def test_where_none_can_begin_that_is_told() -> None:
    ahead = Ahead([sys.executable, "-c", "pass"])

    with pytest.raises(BodyTooLarge):
        async with ahead.given("a"):
            pass
    await ahead.close()
