"""Keeps what handlers log, through ``logging`` or structlog, with the task that logs it."""

import logging
import traceback
from importlib import import_module
from typing import Any, Final

from heavylift.context.link import LINK
from heavylift.errors import ConfigurationInvalid
from heavylift.worker.run_log import Redact, plain_fields
from heavylift.worker.running import Run

LONGEST_MESSAGE: Final = 4000  #: Characters; what is longer is cut.
LONGEST_TRACEBACK: Final = 8000

#: What every record has, and what structlog's lines say that is known of each line of a task.
_USUAL: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "_logger", "_name"}
_KNOWN: Final = frozenset(
    {
        "event",
        "level",
        "logger",
        "timestamp",
        "task_id",
        "kind",
        "queue",
        "attempt",
        "trace_id",
        "span_id",
        "exc_info",
        "stack_info",
    }
)
#: Ours, and the lines of Celery about what it does with tasks: they are no words of the handler.
_NOT_OF_HANDLERS: Final = ("heavylift", "celery.worker", "celery.app", "celery.pool", "kombu")


class TaskLog(logging.Handler):
    """Hands each line to the run that it belongs to. Whatever goes wrong in it, the handler does not feel it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, if a task says it."""
        run = LINK.get()
        if not isinstance(run, Run) or _is_foreign(record.name):
            return
        try:
            message, fields = _said(record)
            run.write(int(record.created * 1000), record.levelname.lower(), record.name, message[:LONGEST_MESSAGE], fields)
        except Exception:  # noqa: S110  a line that cannot be read is not kept; to log that would be the next such line
            pass


def install(level: str) -> None:
    """Keep what is logged in this process from ``level`` on. Calling it again changes the level; ``off`` ends it."""
    for logger in _roots():
        logger.handlers = [handler for handler in logger.handlers if not isinstance(handler, TaskLog)]
        if level != "off":
            logger.addHandler(TaskLog(level.upper()))


def load_redact(name: str | None) -> Redact | None:
    """The hook of this name, ``module:function``. Raises ConfigurationInvalid."""
    if name is None:
        return None
    module, _, function = name.partition(":")
    try:
        found: Any = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationInvalid(
            f"HEAVYLIFT_WORKER_TASK_LOG_REDACT: {name!r} cannot be found ({error}); name it as module:function"
        ) from error
    if not callable(found):
        raise ConfigurationInvalid(f"HEAVYLIFT_WORKER_TASK_LOG_REDACT: {name!r} is not a function")
    redact: Redact = found
    return redact


def _roots() -> list[logging.Logger]:
    """The loggers that hear all others: the root, and that of tasks where Celery has cut it off."""
    root, of_tasks = logging.getLogger(), logging.getLogger("celery.task")
    return [root] if of_tasks.propagate else [root, of_tasks]


def _is_foreign(name: str) -> bool:
    return any(name == own or name.startswith(f"{own}.") for own in _NOT_OF_HANDLERS)


def _said(record: logging.LogRecord) -> tuple[str, dict[str, Any]]:
    """What a line says, and its fields."""
    if isinstance(record.msg, dict):  # structlog, on its way to its formatter
        message, fields = str(record.msg.get("event", "")), {k: v for k, v in record.msg.items() if k not in _KNOWN}
        raised = record.msg.get("exc_info") or record.exc_info
    else:
        message, fields = record.getMessage(), {k: v for k, v in vars(record).items() if k not in _USUAL}
        raised = record.exc_info
    fields = plain_fields(fields)
    if raised:
        fields["exception"] = _traceback(raised)
    return message, fields


def _traceback(raised: Any) -> str:
    error = raised if isinstance(raised, BaseException) else raised[1] if isinstance(raised, tuple) else None
    return "".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:] if error else ""
