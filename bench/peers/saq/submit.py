"""Submits with saq: ``enqueue``, and several of them at once."""

import asyncio
import time
from collections.abc import Sequence

from kit.submitting import Arguments, Submitter, run
from tasks import queue

FIELDS: dict[str, tuple[str, ...]] = {"noop": (), "pause": ("path", "seconds"), "stamp": ("path", "sent")}


async def one(duty: str, arguments: Arguments, delay: float) -> None:
    named = dict(zip(FIELDS[duty], arguments, strict=True))
    await queue.enqueue(duty, ttl=3600, scheduled=int(time.time() + delay) if delay else 0, **named)


async def many(duty: str, several: Sequence[Arguments], delay: float) -> None:
    await asyncio.gather(*(one(duty, arguments, delay) for arguments in several))


if __name__ == "__main__":
    run(Submitter(one, many, open=queue.connect, close=queue.disconnect))
