"""Tasks that take a few milliseconds, end in every way, and leave a mark of every run."""

import time
from typing import Final

from pydantic import BaseModel

from heavylift import NEVER, Context, PermanentError, RetryPolicy, TemporaryError, task
from heavylift.record import Executor
from tests.chaos.history import Held
from tests.chaos.journal import bring_about, marked

ATTEMPTS: Final = 3


class Work(BaseModel):
    """``token`` says who asked; ``journal`` is the URL of the server for the marks; ``busy`` are seconds of processor time."""

    token: str
    journal: str
    seconds: float
    busy: float = 0.0


@task(name="chaos.work", retry=NEVER)
def work(payload: Work, context: Context) -> str:
    return _work(payload, context)


@task(name="chaos.timed", retry=NEVER, timeout=300)
def timed(payload: Work, context: Context) -> str:
    """Has a time limit far beyond what it takes."""
    return _work(payload, context)


@task(name="chaos.threaded", retry=NEVER, executor=Executor.THREADS)
def threaded(payload: Work, context: Context) -> str:
    """Runs beside others in the same process."""
    return _work(payload, context)


@task(name="chaos.fail", retry=NEVER)
def fail(payload: Work, context: Context) -> None:
    with marked(payload.journal, _held(context)):
        time.sleep(payload.seconds)
        raise PermanentError("as it was asked to")


@task(name="chaos.retry", retry=RetryPolicy(max_attempts=ATTEMPTS))
def retry(payload: Work, context: Context) -> str:
    """Fails in every attempt but the last."""
    with marked(payload.journal, _held(context)):
        time.sleep(payload.seconds)
        if context.attempt < ATTEMPTS:
            raise TemporaryError("as it was asked to", delay=payload.seconds)
        return payload.token


@task(name="chaos.effects", retry=RetryPolicy(max_attempts=ATTEMPTS))
def effects(payload: Work, context: Context) -> str:
    """Does three things once each, and fails between them in every attempt but the last."""
    held = _held(context)
    with marked(payload.journal, held):
        for number in range(1, ATTEMPTS + 1):
            name = f"effect {number}"
            context.once(name, lambda name=name: bring_about(payload.journal, held, name))
            context.progress(number, ATTEMPTS)
            time.sleep(payload.seconds / ATTEMPTS)
            if context.attempt == number < ATTEMPTS:
                raise TemporaryError("as it was asked to", delay=payload.seconds)
        return payload.token


def _work(payload: Work, context: Context) -> str:
    with marked(payload.journal, _held(context)):
        over = time.monotonic() + payload.seconds
        _compute(payload.busy)
        time.sleep(max(0.0, over - time.monotonic()))
        return payload.token


def _compute(seconds: float) -> None:
    enough = time.thread_time() + seconds
    while time.thread_time() < enough:
        pass


def _held(context: Context) -> Held:
    return Held(context.task_id, context.fence, context.attempt)
