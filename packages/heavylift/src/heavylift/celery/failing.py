"""Tasks that will never be sent, because something before them failed: they get a record, and it ends failed."""

from typing import Any, Final

from celery import Celery, Task

NAME: Final = "heavylift.fail"


def add_fail(app: Celery) -> None:
    """Register the task that does nothing but fail, with an app that works."""
    app.task(_fail, name=NAME, bind=True, shared=False, typing=False)


def fail(app: Celery, task_id: str, exception: dict[str, Any]) -> None:
    """Let a task of this id fail with an exception as Celery's backends keep it. One that exists already stays as it is."""
    app.send_task(NAME, (exception,), task_id=task_id)


def _fail(task: Task, exception: dict[str, Any]) -> None:
    raise task.backend.exception_to_python(exception)
