"""Submits with Celery: ``apply_async``, and kombu's ``Producer.batch`` for several."""

from collections.abc import Sequence

from kit.submitting import Arguments, Submitter, run
from tasks import app


async def one(duty: str, arguments: Arguments, delay: float) -> None:
    app.tasks[duty].apply_async(arguments, countdown=delay or None)


async def many(duty: str, several: Sequence[Arguments], delay: float) -> None:
    with app.producer_pool.acquire(block=True) as producer, producer.batch(max_size=100):
        for arguments in several:
            app.tasks[duty].apply_async(arguments, countdown=delay or None, producer=producer)


if __name__ == "__main__":
    run(Submitter(one, many))
