"""Processes that are used once, each started before it is wanted: a start takes longer than what is asked of most of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Final

from heavylift_api.errors import BodyTooLarge

IDLE: Final = 300.0  #: Seconds that one waits to be wanted. Who submits something large mostly does so again.
LINE: Final = 16 * 1024 * 1024  #: Bytes of one line that a process says.

Process = asyncio.subprocess.Process


class Ahead:
    """Processes of one command. From the first use on one waits for the next, and ends when nobody wants it for ``idle`` seconds.

    There is one at a time: the next is started when the one before it has ended, so they take the memory of one.
    """

    def __init__(self, command: Sequence[str], *, idle: float = IDLE) -> None:
        self._command = command
        self._idle = idle
        self._spare: Process | None = None
        self._end: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def waiting(self) -> int | None:
        """The process id of the one that waits; None while none does."""
        return self._spare.pid if self._spare is not None and self._spare.returncode is None else None

    @contextlib.asynccontextmanager
    async def given(self, order: str) -> AsyncIterator[Process]:
        """One that was given a line to begin with, and has said that it begins. It ends with the block."""
        process = await self._begun(order)
        try:
            yield process
        finally:
            await _ended(process)
            if not self._closed:
                await self._prepare()

    async def close(self) -> None:
        """End the one that waits, and have no more wait."""
        self._closed = True
        if spare := self._taken():
            await _ended(spare)

    async def _begun(self, order: str) -> Process:
        """The one that waits may have died since it was looked at, so it is asked."""
        if (spare := self._taken()) is not None and await _begins(spare, order):
            return spare
        fresh = await self._start()
        if not await _begins(fresh, order):
            raise BodyTooLarge("there is no memory to read a body of this size; send it again later, or send less")
        return fresh

    def _taken(self) -> Process | None:
        spare, self._spare = self._spare, None
        if self._end is not None:
            self._end.cancel()
        return spare

    async def _prepare(self) -> None:
        with contextlib.suppress(
            OSError
        ):  # the one that was wanted is done; without memory for another, the next waits for its own
            self._spare = await self._start()
            self._end = asyncio.get_running_loop().call_later(self._idle, _kill, self._spare)

    async def _start(self) -> Process:
        pipe = asyncio.subprocess.PIPE
        # In a session of its own: a Ctrl-C is for us, and it ends with us, as nothing is said to it any more.
        return await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, limit=LINE, start_new_session=True)


async def _begins(process: Process, order: str) -> bool:
    """Whether it does; one that does not is ended."""
    assert process.stdin is not None  # noqa: S101  it was asked for
    assert process.stdout is not None  # noqa: S101  and so was this
    begins = False
    try:
        process.stdin.write(order.encode() + b"\n")
        begins = bool(await process.stdout.readline())
    finally:
        if not begins:  # also when nobody waits for it any more
            await _ended(process)
    return begins


async def _ended(process: Process) -> None:
    _kill(process)
    await process.wait()


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
