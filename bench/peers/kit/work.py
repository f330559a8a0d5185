"""What the tasks of every peer do. Times go into a file, by one short append, so that they cost each peer the same."""

import asyncio
import os
import time


def noop() -> None:
    """Nothing."""


def pause(path: str, seconds: float) -> None:
    """Wait as for somebody's answer, and note when it began and ended."""
    began = time.time()
    time.sleep(seconds)
    note(path, began, time.time())


async def pause_async(path: str, seconds: float) -> None:
    """The same on an event loop."""
    began = time.time()
    await asyncio.sleep(seconds)
    note(path, began, time.time())


def stamp(path: str, sent: float) -> None:
    """Note when it was sent and when it was picked up."""
    note(path, sent, time.time())


def note(path: str, began: float, ended: float) -> None:
    """Append a line with two times, in seconds since the epoch."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, f"{began!r} {ended!r}\n".encode())
    os.close(file)
