"""Tasks that take a few milliseconds, end in every way, and leave a mark of every run."""

import time
from typing import Any, Final

from celery import current_task
from celery.signals import task_prerun
from pydantic import BaseModel

from heavylift import NEVER, PermanentError, RetryPolicy, TemporaryError, task
from heavylift.record import Executor
from tests.chaos.history import Held
from tests.chaos.journal import marked

ATTEMPTS: Final = 3


@task_prerun.connect
def _listen(**_: Any) -> None:
    """Does nothing. That somebody listens makes Celery's tracer run these tasks, and only that knows the fence of a run."""


class Work(BaseModel):
    """``token`` says who asked; ``journal`` is the URL of the server for the marks."""

    token: str
    journal: str
    seconds: float


@task(name="chaos.work", retry=NEVER)
def work(payload: Work) -> str:
    return _work(payload)


@task(name="chaos.timed", retry=NEVER, timeout=300)
def timed(payload: Work) -> str:
    """Has a time limit far beyond what it takes."""
    return _work(payload)


@task(name="chaos.threaded", retry=NEVER, executor=Executor.THREADS)
def threaded(payload: Work) -> str:
    """Runs beside others in the same process."""
    return _work(payload)


@task(name="chaos.fail", retry=NEVER)
def fail(payload: Work) -> None:
    with marked(payload.journal, _held()):
        time.sleep(payload.seconds)
        raise PermanentError("as it was asked to")


@task(name="chaos.retry", retry=RetryPolicy(max_attempts=ATTEMPTS))
def retry(payload: Work) -> str:
    """Fails in every attempt but the last."""
    held = _held()
    with marked(payload.journal, held):
        time.sleep(payload.seconds)
        if held.attempt < ATTEMPTS:
            raise TemporaryError("as it was asked to", delay=payload.seconds)
        return payload.token


def _work(payload: Work) -> str:
    with marked(payload.journal, _held()):
        time.sleep(payload.seconds)
        return payload.token


def _held() -> Held:
    request = current_task.request
    return Held(request.id, request.fence, request.retries + 1)
