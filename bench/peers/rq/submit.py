"""Submits with rq: ``enqueue`` and ``enqueue_many``."""

from collections.abc import Sequence
from datetime import timedelta

import tasks
from kit.submitting import Arguments, Submitter, run
from kit.surroundings import redis_url
from redis import Redis
from rq import Queue

queue = Queue(connection=Redis.from_url(redis_url(0)))


async def one(duty: str, arguments: Arguments, delay: float) -> None:
    if delay:
        queue.enqueue_in(timedelta(seconds=delay), getattr(tasks, duty), *arguments, result_ttl=3600)
    else:
        queue.enqueue(getattr(tasks, duty), *arguments, result_ttl=3600)


async def many(duty: str, several: Sequence[Arguments], delay: float) -> None:
    if delay:
        raise NotImplementedError("rq has no call that delays several")
    queue.enqueue_many([Queue.prepare_data(getattr(tasks, duty), args=arguments, result_ttl=3600) for arguments in several])


if __name__ == "__main__":
    run(Submitter(one, many))
