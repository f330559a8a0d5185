"""A body on its way to a file, so that a large one is never whole in the memory of the process that serves everybody."""

import asyncio
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

WRITE: Final = 1024 * 1024  #: Bytes that are written together, in a thread: the disk may be slow.


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body in a file, which is gone with the request."""

    path: Path
    size: int


@asynccontextmanager
async def spooled(stream: AsyncIterable[bytes], directory: Path | None) -> AsyncIterator[Spooled]:
    """All of ``stream`` in a file of ``directory``, or of the system's for such files."""
    with tempfile.NamedTemporaryFile(prefix="heavylift-", suffix=".json", dir=directory) as file:
        size = await _write(stream, file)
        yield Spooled(Path(file.name), size)


async def _write(stream: AsyncIterable[bytes], file: IO[bytes]) -> int:
    size, waiting = 0, bytearray()
    async for chunk in stream:
        size += len(chunk)
        waiting += chunk
        if len(waiting) >= WRITE:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    file.write(waiting)
    file.flush()
    return size
