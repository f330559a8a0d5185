"""One shape for every line of log: ours, and that of the libraries that log through the standard library."""

import logging
import sys
from collections.abc import Sequence
from typing import Any, Final

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

from heavylift.settings import TelemetrySettings
from heavylift.telemetry.task_fields import add_task_fields

#: Loggers that bring handlers of their own; their records shall reach ours instead.
_FOREIGN: Final = ("celery", "celery.task", "celery.worker", "kombu", "uvicorn", "uvicorn.error", "uvicorn.access")
_FIRST: Final = ("event", "level", "timestamp", "message", "task_id", "kind", "queue", "attempt")
#: Libraries that say more than is of use here: the HTTP client of the span exporter tells of each request, the exporter of each
#: repetition while a collector is down.
_AT_LEAST: Final = {"urllib3": logging.INFO, "opentelemetry.exporter": logging.ERROR}


class _Handler(logging.StreamHandler[Any]):
    """Writes to what is stdout at that moment. A class of our own, so that configuring again finds and replaces it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)  # StreamHandler's own would set the stream

    @property
    def stream(self) -> Any:
        return sys.stdout


def configure(settings: TelemetrySettings, *, service: str) -> None:
    """Log to stdout as ``settings`` say, in the name of ``service``. Calling it again replaces what was."""
    chain = _chain(settings)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _Handler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=chain, processors=_rendering(settings, service)))
    _install(handler, settings.log_level.upper())


def _install(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if type(other) not in (_Handler, logging.StreamHandler)]
    root.addHandler(handler)
    root.setLevel(level)
    for name in _FOREIGN:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    for name, least in _AT_LEAST.items():
        logging.getLogger(name).setLevel(max(root.level, least))


def _chain(settings: TelemetrySettings) -> list[Processor]:
    """What every record goes through where it is made, while its context is at hand."""
    return [
        structlog.contextvars.merge_contextvars,
        add_task_fields,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso" if settings.log_format == "json" else "%H:%M:%SZ", utc=True),
        structlog.processors.StackInfoRenderer(),
        _add_trace,
    ]


def _rendering(settings: TelemetrySettings, service: str) -> Sequence[Processor]:
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if settings.log_format == "console":
        return [meta, _in_order, _for_a_person, _console()]

    def add_service(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001
        event_dict["service"] = service
        return event_dict

    return [
        meta,
        add_service,
        structlog.processors.format_exc_info,
        _in_order,
        structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
    ]


def _console() -> Processor:
    colours = sys.stdout.isatty()
    console = structlog.dev.ConsoleRenderer(
        colors=colours,
        sort_keys=False,
        pad_event_to=15,
        # The default shows the local variables of every frame where rich is installed, and passwords are local variables.
        exception_formatter=structlog.dev.plain_traceback,
    )
    reset = console.get_default_column_styles(colours).reset
    as_it_is = structlog.dev.KeyValueColumnFormatter(key_style=None, value_style="", reset_style=reset, value_repr=str)
    console.columns = [*console.columns, structlog.dev.Column("message", as_it_is)]
    return console


def _add_trace(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001
    """The ids of the current span, under the names of OpenTelemetry's "trace context in non-OTLP log formats"."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid and "trace_id" not in event_dict:
        event_dict["trace_id"] = trace.format_trace_id(span.trace_id)
        event_dict["span_id"] = trace.format_span_id(span.span_id)
    return event_dict


def _in_order(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001
    first = {key: event_dict.pop(key) for key in _FIRST if key in event_dict}
    return first | dict(event_dict)


def _for_a_person(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001
    """Without what only machines join on, and with our own logger unnamed."""
    event_dict.pop("span_id", None)
    if str(event_dict.get("logger", "")).startswith("heavylift"):
        event_dict.pop("logger")
    return event_dict
