"""Submits to Heavylift as the API does: the submit script, through the asyncio store."""

import json
from collections.abc import Sequence

from kit.submitting import Arguments, Submitter, run
from kit.surroundings import KIND, redis_url

from heavylift.record import Executor, Submission
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Submit

FIELDS = {"noop": (), "pause": ("path", "seconds"), "stamp": ("path", "sent")}


def main() -> None:
    """Submit."""
    store = AsyncRedisStore.from_url(redis_url(), timeout=30.0)

    async def one(duty: str, arguments: Arguments, delay: float) -> None:
        await store.run(Submit((_submission(duty, arguments, delay),)))

    async def many(duty: str, several: Sequence[Arguments], delay: float) -> None:
        await store.run(Submit(tuple(_submission(duty, arguments, delay) for arguments in several)))

    run(Submitter(one, many, close=store.close))


def _submission(duty: str, arguments: Arguments, delay: float) -> Submission:
    payload = json.dumps(dict(zip(FIELDS[duty], arguments, strict=True)))
    return Submission(kind=f"bench.{duty}", payload=payload, executor=Executor(KIND), delay=delay or None)


if __name__ == "__main__":
    main()
