"""What the end of a function means for its task: values and exceptions as outcomes."""

import json
import traceback
from asyncio import CancelledError
from datetime import UTC, datetime
from typing import Any, Final

from celery import states
from celery.exceptions import Reject, SoftTimeLimitExceeded
from kombu.utils.json import dumps

from heavylift.celery.exceptions import kept
from heavylift.context import current_link
from heavylift.errors import HeavyliftError, ResultInvalid, TaskCancelled, TaskTimeout, Undecodable
from heavylift.fingerprint import fingerprint
from heavylift.outcome import Cancelled, Failed, Failure, Outcome, Retry, Succeeded
from heavylift.record import Delivery, Form
from heavylift.registry import Handler
from heavylift.retry import is_retryable, pause_before_retry
from heavylift.state import FailureReason

LONGEST_MESSAGE: Final = 2_000  # characters; an error that quotes its whole input helps nobody


def after_error(handler: Handler, delivery: Delivery, error: BaseException) -> Outcome:
    """The outcome of an attempt of a handler that raised, by its retry policy."""
    policy = handler.kind.retry
    pause = pause_before_retry(policy, error, attempt=delivery.attempt, max_attempts=delivery.max_attempts)
    return final(error, handler.home) if pause is None else Retry(pause, describe(error, handler.home))


def final(error: BaseException, home: str = "") -> Outcome:
    """The outcome of an attempt that is the last because it raised this: a failure, or the way in which a task gives way.

    Only one that was asked to; else whatever a task waits for could cancel it.
    """
    run = current_link()
    asked = run is not None and run.cancelled
    return Cancelled() if asked and isinstance(error, TaskCancelled | CancelledError) else failed(error, home)


def decide(state: str, error: Any, home: str = "") -> Outcome:
    """The outcome of an attempt that did not simply return, from Celery's state and exception, and the function's module."""
    match state:
        case states.RETRY:
            return Retry(_pause(error.when), describe(error.exc or error, home))
        case states.IGNORED if not isinstance(error, TaskCancelled):
            return Succeeded("null")
        case states.REJECTED if isinstance(error, Reject) and error.requeue:
            return Retry(0.0, describe(error, home))
        case _:
            return final(error, home)


def failed(error: BaseException, home: str = "") -> Failed:
    """The end of a task whose last attempt ended with this exception, and why it was the last."""
    match error:
        case Undecodable():
            reason = FailureReason.UNDECODABLE
        case TaskTimeout() | SoftTimeLimitExceeded():
            reason = FailureReason.TIMED_OUT
        case Reject():
            reason = FailureReason.PERMANENT
        case _:
            reason = FailureReason.EXHAUSTED if is_retryable(error) else FailureReason.PERMANENT
    return Failed(describe(error, home), reason)


def describe(error: BaseException, home: str = "") -> Failure:
    """What a person and a program need to know of an exception. ``home`` is the module of the task's own function."""
    return Failure(
        type=type(error).__name__,
        message=_message(error)[:LONGEST_MESSAGE],
        retryable=is_retryable(error),
        traceback=None if _speaks_for_itself(error) else "".join(traceback.format_exception(error)),
        fingerprint=fingerprint(error, home),
        exception=kept(error, _message(error)[:LONGEST_MESSAGE]),
    )


def _message(error: BaseException) -> str:
    try:
        return str(error) or type(error).__name__
    except Exception:  # a task's own class may fail at this, and its failure must be told all the same
        return type(error).__name__


def _speaks_for_itself(error: BaseException) -> bool:
    return isinstance(error, HeavyliftError) and error.__traceback__ is None


def written(delivery: Delivery, value: Any) -> str:
    try:
        if delivery.form is Form.PAYLOAD:
            return json.dumps(value, allow_nan=False, separators=(",", ":"))
        return str(dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ResultInvalid(
            f"{delivery.kind} returned {type(value).__name__}, which cannot be written as JSON: {error}"
        ) from error


def _pause(when: Any) -> float:
    """Seconds until the next attempt, from what Celery's Retry carries: seconds, a time, or nothing."""
    if isinstance(when, datetime):
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (aware - datetime.now(UTC)).total_seconds())
    return max(0.0, float(when or 0.0))
