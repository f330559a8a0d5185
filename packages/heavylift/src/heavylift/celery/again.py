"""A running Celery task asks for another attempt of itself, with ``retry()``.

Celery publishes the task anew before it raises Retry. Nothing is published here: the record itself goes back to ``scheduled``,
under the fence of the attempt that asks for it, and stays the task that it is. What was asked is kept until that attempt is over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from celery import current_task
from kombu.utils.json import dumps, loads

from heavylift.errors import PermanentError
from heavylift.outcome import Cancelled, Failed, Failure, Outcome, Retry
from heavylift.record import Form, Submission


@dataclass(slots=True)
class Asked:
    """What the run that is under way has asked for, None for nothing."""

    submission: Submission | None = None

    def outcome(self, of_the_run: Outcome) -> Outcome:
        """Another attempt if the run asked for one, whether it then raised Retry, raised another error, or returned."""
        if self.submission is None or isinstance(of_the_run, Cancelled):
            return of_the_run
        match of_the_run:
            case Retry():
                return replace(of_the_run, payload=self.submission.payload)
            case Failed(error):
                return Retry(_pause(self.submission), error, self.submission.payload)
            case _:
                return Retry(_pause(self.submission), _ASKED_FOR, self.submission.payload)


_ASKED_FOR = Failure("Retry", "the task asked for another attempt", retryable=True)
_ASKED: ContextVar[Asked | None] = ContextVar("heavylift_asked", default=None)


@contextmanager
def listening() -> Iterator[Asked]:
    """In the body, a task may ask."""
    asked = Asked()
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


def is_of_the_running_task(submission: Submission) -> bool:
    """Whether the task that runs here publishes itself."""
    task = current_task
    return bool(task) and task.request.id == submission.id and not task.request.called_directly


def ask(submission: Submission) -> None:
    """Keep what the running task asks for. Raises PermanentError for what would make another task of its record."""
    request = current_task.request
    if submission.kind != request.task:
        raise PermanentError(f"Task.replace() is not supported; call {submission.kind}.delay() instead, or chain the two")
    if submission.queue != request.delivery_info["routing_key"]:
        raise PermanentError(
            "retry() into another queue is not supported: the record stays in the queue that it was submitted to"
        )
    # After retry(throw=False) the function may return, which is no end of the task yet: nobody is to be told of it.
    request.callbacks = request.errbacks = request.chain = request.chord = None
    asked = _ASKED.get()
    if asked is not None:
        asked.submission = submission if _is_other_call(submission, request) else replace(submission, payload="")


def _is_other_call(submission: Submission, request: Any) -> bool:
    submitted = loads(dumps({"args": list(request.args or ()), "kwargs": request.kwargs or {}}))
    return submission.form is Form.CALL and loads(submission.payload) != submitted


def _pause(submission: Submission) -> float:
    return 0.0 if submission.eta is None else max(0.0, (submission.eta - datetime.now(UTC)).total_seconds())
