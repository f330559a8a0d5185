"""Somebody's own Celery application that listens to signals, and notes each in a file: its name, its process, what it tells."""

import json
import os
import time
from pathlib import Path
from typing import Any

from celery import Celery, signals

app = Celery("signals", set_as_current=False)
app.conf.task_soft_time_limit = 2.0  # seconds; nothing here takes longer, but for the task that waits for it

FILE_VARIABLE = "SIGNALS_FILE"


def _note(name: str, **told: Any) -> None:
    with Path(os.environ[FILE_VARIABLE]).open("a") as file:
        file.write(json.dumps([name, os.getpid(), told], default=repr) + "\n")


def _listen(name: str, *keys: str) -> None:
    def hear(sender: Any = None, **told: Any) -> None:
        _note(name, sender=getattr(sender, "name", None), **{key: told[key] for key in keys})

    getattr(signals, name).connect(hear, weak=False)


_listen("worker_init")
_listen("worker_ready")
_listen("worker_shutting_down", "sig", "how")
_listen("worker_shutdown")
_listen("worker_process_init")
_listen("worker_process_shutdown", "pid", "exitcode")
_listen("task_prerun", "task_id", "args", "kwargs")
_listen("task_postrun", "task_id", "retval", "state")
_listen("task_success", "result")
_listen("task_failure", "task_id", "exception")
_listen("task_retry", "reason")


@app.task(name="signals.add")
def add(x: int, y: int) -> int:
    return x + y


@app.task(name="signals.fail")
def fail() -> None:
    raise ValueError("no")


@app.task(name="signals.retry", bind=True, max_retries=1)
def retry(self) -> str:  # type: ignore[no-untyped-def]
    if self.request.retries == 0:
        raise self.retry(countdown=0)
    return "again"


@app.task(name="signals.sleep")
def sleep() -> None:
    time.sleep(60)
