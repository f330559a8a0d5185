"""One shape for every line of log: ours, and that of the libraries that log through the standard library."""

import logging
import sys
from collections.abc import Sequence
from typing import Any, Final

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

from heavylift.settings import TelemetrySettings

#: Loggers that bring handlers of their own; their records shall reach ours instead.
_FOREIGN: Final = ("celery", "celery.task", "celery.worker", "kombu", "uvicorn", "uvicorn.error", "uvicorn.access")
_FIRST: Final = ("event", "level", "timestamp", "message")


class _Handler(logging.StreamHandler[Any]):
    """Ours, so that configuring again replaces it and leaves the handlers of others alone."""


def configure(settings: TelemetrySettings, *, service: str) -> None:
    """Log to stdout as ``settings`` say, in the name of ``service``. Calling it again replaces what was."""
    chain = _chain(settings)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Handler(sys.stdout)
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
    # Below that, the HTTP client of the span exporter tells of each of its requests.
    logging.getLogger("urllib3").setLevel(max(root.level, logging.INFO))


def _chain(settings: TelemetrySettings) -> list[Processor]:
    """What every record goes through where it is made, while its context is at hand."""
    return [
        structlog.contextvars.merge_contextvars,
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
        return [meta, _for_a_person, _console()]

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
    return structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(),
        sort_keys=False,
        pad_event_to=20,
        # The default shows the local variables of every frame where rich is installed, and passwords are local variables.
        exception_formatter=structlog.dev.plain_traceback,
    )


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
