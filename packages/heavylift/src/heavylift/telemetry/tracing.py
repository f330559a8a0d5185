"""Where spans go: one provider per process, made anew after a fork, and closed within a bounded time."""

import importlib.metadata
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased

from heavylift.settings import TelemetrySettings
from heavylift.telemetry.events import SpansDropped

SCOPE: Final = "heavylift"
CLOSE_WITHIN: Final = 2.0  #: Seconds. A collector that does not answer must not hold up a pod that has to go.

_EXPORT_EVERY: Final = 500.0  #: Milliseconds: what a killed child may take with it.
_EXPORT_TIMEOUT: Final = 5.0

Report = Callable[[SpansDropped], None]


class Tracing:
    """The provider of this process. ``flush`` and ``close`` return in time whatever the collector does."""

    def __init__(self, settings: TelemetrySettings, *, service: str, version: str, report: Report | None = None) -> None:
        self.made_from: Final = (settings.otlp_endpoint, service, version)
        self.pid: Final = os.getpid()
        # An exit handler of the SDK would wait for 30 seconds; close() is ours to call.
        resource = Resource.create({"service.name": service, "service.version": version})
        self._exporter = _exporter(settings, report)
        sampler = ALWAYS_OFF if self._exporter is None else ParentBased(ALWAYS_ON)
        self.provider: Final = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
        if self._exporter is not None:
            self.provider.add_span_processor(BatchSpanProcessor(self._exporter, schedule_delay_millis=_EXPORT_EVERY))
        self.tracer: Final = self.provider.get_tracer(SCOPE, version)

    def flush(self, timeout: float = CLOSE_WITHIN) -> bool:
        """Send what has ended. False when ``timeout`` seconds were not enough."""
        return _within(timeout, self.provider.force_flush)

    def close(self, timeout: float = CLOSE_WITHIN) -> bool:
        """Send what has ended and stop. False when ``timeout`` seconds were not enough; what is left is given up."""
        in_time = _within(timeout, self.provider.shutdown)
        if not in_time and self._exporter is not None:
            self._exporter.shutdown()
        return in_time

    def abandon(self) -> None:
        """Let go of a provider that came along through a fork: its queue is empty, its sender is the parent's."""
        # Not joined: the parent may have held a lock of the HTTP client at the moment of the fork.
        threading.Thread(target=self.provider.shutdown, daemon=True, name="heavylift-abandon").start()


def configure(settings: TelemetrySettings, *, service: str, version: str | None = None, report: Report | None = None) -> Tracing:
    """Make this process trace, and return the means to flush and close it.

    Calling it again with the same values changes nothing; in a forked child it makes a provider of its own. With an endpoint,
    spans go there by OTLP/HTTP and ``report`` hears of those that could not be delivered. Without one, ids are made and passed
    on, and nothing is recorded. Spans that users make with OpenTelemetry's API go the same way and nest in ours.
    """
    version = version or importlib.metadata.version("heavylift")
    current = _Current.tracing
    if current is not None and current.pid == os.getpid() and current.made_from == (settings.otlp_endpoint, service, version):
        return current
    if current is not None:
        current.abandon()
    _Current.tracing = Tracing(settings, service=service, version=version, report=report)
    trace._set_tracer_provider(_CurrentProvider(), log=False)  # the public one warns when somebody else has set theirs
    return _Current.tracing


def tracer() -> trace.Tracer:
    """The tracer of this process: ours where ``configure`` was called, else that of the application around us."""
    return trace.get_tracer(SCOPE) if _Current.tracing is None else _Current.tracing.tracer


class _Current:
    tracing: Tracing | None = None


class _CurrentProvider(trace.TracerProvider):
    """The global provider. OpenTelemetry lets it be set once; through this one it follows ``configure``, also after a fork."""

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        return _CurrentTracer(args, kwargs)


class _CurrentTracer(trace.Tracer):
    """A tracer that users may keep: it looks up the provider of the process at each span."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._args = args
        self._kwargs = kwargs

    def start_span(self, *args: Any, **kwargs: Any) -> trace.Span:
        return self._tracer().start_span(*args, **kwargs)

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Any:
        return self._tracer().start_as_current_span(*args, **kwargs)

    def _tracer(self) -> trace.Tracer:
        assert _Current.tracing is not None  # noqa: S101  set before this class is reachable
        return _Current.tracing.provider.get_tracer(*self._args, **self._kwargs)


class _Reporting(SpanExporter):
    """An exporter that tells of the spans it could not deliver."""

    def __init__(self, exporter: SpanExporter, report: Report) -> None:
        self._exporter = exporter
        self._report = report

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._report(SpansDropped(count=len(spans), error_type="ExportFailed"))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _exporter(settings: TelemetrySettings, report: Report | None) -> SpanExporter | None:
    if settings.otlp_endpoint is None:
        return None
    exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_TIMEOUT)
    return exporter if report is None else _Reporting(exporter, report)


def _within(timeout: float, work: Callable[[], object]) -> bool:
    """Whether ``work`` ended in time. OpenTelemetry's own timeouts are not kept (opentelemetry-python #4568)."""
    thread = threading.Thread(target=work, daemon=True, name="heavylift-tracing")
    thread.start()
    thread.join(timeout)
    return not thread.is_alive()
