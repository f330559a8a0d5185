"""Our handlers as Celery tasks, and Celery's own tasks as kinds of the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from celery import Celery, Task
from celery.exceptions import Ignore, Retry
from pydantic import BaseModel

from heavylift.catalogue import Kind
from heavylift.celery import failing
from heavylift.celery.coroutines import run_to_end
from heavylift.celery.messages import PRIORITY_NUMBERS
from heavylift.errors import TaskCancelled, TaskLost
from heavylift.record import Form, new_task_id
from heavylift.registry import Handler
from heavylift.retry import NEVER, pause_before_retry

#: The schema of every task that takes Celery's own kind of call.
CALL_SCHEMA: Final = {
    "type": "object",
    "properties": {"args": {"type": "array"}, "kwargs": {"type": "object"}},
    "additionalProperties": False,
}


# What Celery ignores has no errback, no task_failure, and rings no alarm with those who listen to it.
class GaveWay(TaskCancelled, Ignore):
    """The task gives way to a request to cancel it."""


class GaveWayLost(TaskLost, Ignore):
    """This worker has lost the task: another runs it by now, and nothing of this run counts."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a function has returned or raised before Celery's tracer is called for it."""

    value: Any = None
    error: BaseException | None = None

    def outcome(self) -> Any:
        """Return or raise it."""
        if self.error is not None:
            raise self.error
        return self.value


_SETTLED: ContextVar[Settled | None] = ContextVar("heavylift_settled", default=None)


@contextmanager
def settled(what: Settled) -> Iterator[None]:
    """In the body, a handler's task does not run its function but ends as ``what`` says."""
    token = _SETTLED.set(what)
    try:
        yield
    finally:
        _SETTLED.reset(token)


class HandlerTask(Task):
    """A handler in Celery's clothes. Called with one JSON value or one payload model, it returns a JSON value."""

    abstract = True
    typing = False  # the payload model checks the arguments, and names what is wrong
    handler: Handler

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """Validate, run, write the result as JSON; an error that may be retried becomes Celery's Retry."""
        try:
            return self.handler.result_value(self._value(args, kwargs))
        except TaskCancelled as error:
            raise (error if isinstance(error, Ignore) else GaveWay(str(error))) from error
        except Exception as error:
            self._retry_or_raise(error)

    def _value(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        already = _SETTLED.get()
        if already is not None:
            return already.outcome()
        value = self.handler.function(*self.handler.arguments(_payload_of(args, kwargs)))
        return run_to_end(value) if self.handler.is_async else value

    def _retry_or_raise(self, error: Exception) -> None:
        attempt = (self.request.retries or 0) + 1
        limit = getattr(self.request, "max_attempts", None) or self.handler.kind.retry.max_attempts
        pause = pause_before_retry(self.handler.kind.retry, error, attempt=attempt, max_attempts=limit)
        if pause is None:
            raise error
        raise Retry(exc=error, when=pause) from error

    def apply_async(self, args: Any = None, kwargs: Any = None, task_id: str | None = None, **options: Any) -> Any:
        """As Celery's, with the payload as the one argument: a model or a JSON value."""
        payload = _payload_of(tuple(args or ()), kwargs or {})
        if isinstance(payload, BaseModel):
            payload = payload.model_dump(mode="json")
        kind = self.handler.kind
        headers = {"form": Form.PAYLOAD, "executor": kind.executor, "max_attempts": kind.retry.max_attempts}
        headers |= options.pop("headers", None) or {}
        options.setdefault("queue", kind.queue)
        options.setdefault("priority", PRIORITY_NUMBERS[kind.priority])
        return super().apply_async((payload,), {}, task_id=task_id or new_task_id(), headers=headers, **options)


def add_handler(app: Celery, handler: Handler) -> None:
    """Register a handler with a Celery app, under the name of its kind."""
    attributes = {"name": handler.kind.name, "handler": handler, "__doc__": handler.kind.description, "abstract": False}
    app.register_task(type("HandlerTask", (HandlerTask,), attributes)())


def kinds_of(app: Celery) -> tuple[Kind, ...]:
    """Every task of an app as a kind, without Celery's own helpers and ours."""
    tasks = (task for name, task in sorted(app.tasks.items()) if not name.startswith("celery.") and name != failing.NAME)
    return tuple(task.handler.kind if isinstance(task, HandlerTask) else _kind_of(task) for task in tasks)


def _kind_of(task: Any) -> Kind:
    return Kind(
        name=task.name,
        description=(task.__doc__ or "").strip(),
        form=Form.CALL,
        queue=task.queue if isinstance(getattr(task, "queue", None), str) else task.app.conf.task_default_queue,
        timeout=task.time_limit,
        retry=NEVER,
        payload_schema=CALL_SCHEMA,
    )


def _payload_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0] if args else kwargs or None
