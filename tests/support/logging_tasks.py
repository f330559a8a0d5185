"""Tasks that log, each in its way."""

import asyncio
import contextvars
import logging
import threading
import time
from typing import Any

import structlog
from celery.utils.log import get_task_logger
from pydantic import BaseModel

from heavylift import NEVER, Context, RetryPolicy, task
from heavylift.record import Executor

AT_ONCE = RetryPolicy(max_attempts=3, base=0.0)

logger = logging.getLogger("app.tasks")
structured = structlog.get_logger("app.structured")
of_celery = get_task_logger("app.celery")


class Said(BaseModel):
    text: str = "hello"
    times: int = 1


def _say(text: str) -> None:
    logger.info("%s from logging", text, extra={"customer": 42})
    structured.warning(f"{text} from structlog", size=3.5)
    of_celery.error(f"{text} from celery")


@task(name="logging.process", retry=NEVER)
def in_process(payload: Said) -> None:
    _say(payload.text)


@task(name="logging.threads", retry=NEVER, executor=Executor.THREADS)
def in_threads(payload: Said) -> None:
    _say(payload.text)


@task(name="logging.asyncio", retry=NEVER)
async def on_a_loop(payload: Said) -> None:
    _say(payload.text)
    await asyncio.sleep(0.05)
    logger.info("%s once more", payload.text)


@task(name="logging.own_thread", retry=NEVER)
def in_a_thread_of_its_own(payload: Said) -> None:
    """A thread that is given the context says it for its task."""
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(logger.info, "from a thread"))
    thread.start()
    thread.join()


@task(name="logging.failing", retry=AT_ONCE)
def failing(payload: Said, context: Context) -> str:
    logger.info("attempt %d", context.attempt)
    if context.attempt == 1:
        try:
            {}["the secret"]
        except KeyError:
            logger.exception("it went wrong")
        raise OSError("again")
    return "done"


@task(name="logging.chatty", retry=NEVER)
def chatty(payload: Said) -> float:
    """Returns how many seconds of the processor its lines took."""
    begun = time.thread_time()
    for number in range(payload.times):
        logger.info("line %d of %d", number, payload.times)
    return time.thread_time() - begun


def redact(line: dict[str, Any]) -> dict[str, Any] | None:
    """A hook as an application may have one."""
    if "drop me" in line["message"]:
        return None
    if "stumble" in line["message"]:
        raise RuntimeError("the hook is broken")
    return line | {"message": line["message"].replace("hunter2", "***")}
