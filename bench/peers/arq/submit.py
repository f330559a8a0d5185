"""Submits with arq: ``enqueue_job``, and several of them at once."""

import asyncio
from collections.abc import Sequence

from arq.connections import ArqRedis, create_pool
from kit.submitting import Arguments, Submitter, run
from tasks import REDIS

_pool: list[ArqRedis] = []


async def connect() -> None:
    _pool.append(await create_pool(REDIS))


async def close() -> None:
    await _pool.pop().aclose()


async def one(duty: str, arguments: Arguments, delay: float) -> None:
    await _pool[0].enqueue_job(duty, *arguments, _defer_by=delay or None)


async def many(duty: str, several: Sequence[Arguments], delay: float) -> None:
    await asyncio.gather(*(one(duty, arguments, delay) for arguments in several))


if __name__ == "__main__":
    run(Submitter(one, many, open=connect, close=close))
