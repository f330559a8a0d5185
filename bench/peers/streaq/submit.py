"""Submits with streaq: ``enqueue`` and ``enqueue_many``."""

from collections.abc import Sequence

from kit.submitting import Arguments, Submitter, run
from tasks import noop, pause, stamp, worker

DUTIES = {"noop": noop, "pause": pause, "stamp": stamp}


async def one(duty: str, arguments: Arguments, delay: float) -> None:
    task = DUTIES[duty].enqueue(*arguments)
    await (task.start(delay=int(delay)) if delay else task)


async def many(duty: str, several: Sequence[Arguments], delay: float) -> None:
    tasks = [DUTIES[duty].enqueue(*arguments) for arguments in several]
    await worker.enqueue_many([task.start(delay=int(delay)) for task in tasks] if delay else tasks)


async def connect() -> None:
    await worker.__aenter__()


async def close() -> None:
    await worker.__aexit__(None, None, None)


if __name__ == "__main__":
    run(Submitter(one, many, open=connect, close=close))
