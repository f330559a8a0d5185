"""Runs a handler without Celery's tracer, which takes half the time of a tiny task, where nobody would notice the difference.

The tracer calls Celery's signals, keeps ``current_task``, and sends on what a canvas asked for. A handler that was submitted
without Celery has no canvas; and where an application listens to the signals, the tracer runs it after all.
"""

from collections.abc import Coroutine
from typing import Any, Final

from celery import signals

from heavylift.celery.coroutines import run_to_end
from heavylift.celery.messages import payload_of
from heavylift.outcome import Outcome, Succeeded
from heavylift.record import Delivery, Form
from heavylift.registry import Handler
from heavylift.worker.limits import Limit, in_time
from heavylift.worker.outcomes import after_error, final, written

_SIGNALS: Final = (
    signals.task_prerun,
    signals.task_postrun,
    signals.task_success,
    signals.task_failure,
    signals.task_retry,
    signals.task_internal_error,
    signals.task_rejected,
    signals.task_unknown,
)


def needs_tracer(delivery: Delivery) -> bool:
    """Whether Celery has a part in this: it was submitted by Celery, or somebody listens to its signals."""
    if delivery.headers or delivery.form is not Form.PAYLOAD:
        return True
    for signal in _SIGNALS:  # noqa: SIM110  asked for every task, and twice as fast as any()
        if signal.receivers:
            return True
    return False


def run(handler: Handler, delivery: Delivery) -> Outcome:
    """Run a handler here and now; one that is ``async def`` on the event loop of this process."""
    try:
        returned = _call(handler, delivery)
        return _succeeded(handler, delivery, run_to_end(returned) if handler.is_async else returned)
    except Exception as error:
        return after_error(handler, delivery, error)


async def run_async(handler: Handler, delivery: Delivery, limit: Limit) -> Outcome:
    """Await a handler that is ``async def``, under its limit."""
    try:
        coroutine: Coroutine[Any, Any, Any] = _call(handler, delivery)
        return _succeeded(handler, delivery, await in_time(coroutine, limit))
    except Exception as error:
        return after_error(handler, delivery, error)
    except BaseException as error:
        return final(error, handler.home)


def _call(handler: Handler, delivery: Delivery) -> Any:
    return handler.function(*handler.arguments(payload_of(delivery)))


def _succeeded(handler: Handler, delivery: Delivery, value: Any) -> Outcome:
    return Succeeded(written(delivery, handler.result_value(value)))
