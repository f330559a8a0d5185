"""Submits with taskiq: ``kiq``, and several of them at once."""

import asyncio
from collections.abc import Sequence

from kit.submitting import Arguments, Submitter, run
from tasks import broker, noop, pause, stamp

DUTIES = {"noop": noop, "pause": pause, "stamp": stamp}


async def one(duty: str, arguments: Arguments, delay: float) -> None:
    if delay:
        raise NotImplementedError("taskiq's stream has no delay of its own")
    await DUTIES[duty].kiq(*arguments)


async def many(duty: str, several: Sequence[Arguments], delay: float) -> None:
    await asyncio.gather(*(one(duty, arguments, delay) for arguments in several))


if __name__ == "__main__":
    run(Submitter(one, many, open=broker.startup, close=broker.shutdown))
