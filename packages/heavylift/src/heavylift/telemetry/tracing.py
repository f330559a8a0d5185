"""Where spans go: one provider per process, made anew after a fork, and closed within a bounded time."""

import importlib.metadata
import os
import threading
from collections.abc import Callable
from typing import Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased

from heavylift.settings import TelemetrySettings
from heavylift.telemetry import global_provider
from heavylift.telemetry.events import SpansDropped
from heavylift.telemetry.span_delivery import Report, SpanDelivery

SCOPE: Final = "heavylift"
CLOSE_WITHIN: Final = 2.0  #: Seconds. A collector that does not answer must not hold up a pod that has to go.
EXPORT_TIMEOUT: Final = 5.0  #: Seconds for one batch, repetitions included.


def configure(
    settings: TelemetrySettings, *, service: str, version: str | None = None, report: Report | None = None
) -> "Tracing":
    """Make this process trace, and return the means to flush and close it.

    Calling it again with the same values changes nothing; in a forked child it makes a provider of its own. With an endpoint,
    spans go there by OTLP/HTTP, and ``report`` hears of those that did not arrive (from another thread). Without one, ids are
    made and passed on, and nothing is recorded. Spans that users make with OpenTelemetry's API go the same way and nest in ours.
    """
    about = (settings.otlp_endpoint, service, version or importlib.metadata.version("heavylift"))
    current = _Current.tracing
    if current is None or not current.serves(about):
        _Current.tracing = Tracing(*about, report=report or _tell_nobody)
        global_provider.follow(_provider)
        if current is not None:
            current.leave()
    return _tracing()


class Tracing:
    """The provider of this process. ``flush`` and ``close`` return in time whatever the collector does."""

    def __init__(self, endpoint: str | None, service: str, version: str, *, report: Report) -> None:
        self._about = (endpoint, service, version)
        self._pid = os.getpid()
        self._closed = False
        self._exporter = None if endpoint is None else _exporter(endpoint)
        self.provider: Final = _make_provider(service, version, self._exporter, report)
        self.tracer: Final = self.provider.get_tracer(SCOPE, version)

    @property
    def records(self) -> bool:
        """Whether spans go anywhere."""
        return self._exporter is not None

    def serves(self, about: tuple[str | None, str, str]) -> bool:
        """Whether this is what ``configure`` with these values would make in this process."""
        return self._about == about and self._pid == os.getpid() and not self._closed

    def flush(self, timeout: float = CLOSE_WITHIN) -> bool:
        """Send what has ended. False when ``timeout`` seconds were not enough."""
        return _within(timeout, self.provider.force_flush)

    def close(self, timeout: float = CLOSE_WITHIN) -> bool:
        """Send what has ended and stop. False when ``timeout`` seconds were not enough; what is left then is given up."""
        if self._closed:
            return True
        self._closed = True
        in_time = _within(timeout, self.provider.shutdown)
        if not in_time and self._exporter is not None:
            self._exporter.shutdown()  # ends the repetitions that are still under way
        return in_time

    def leave(self) -> None:
        """Give way to another. After a fork this is the parent's: its queue is empty, and its thread here is of no use."""
        if not self._closed:
            self._closed = True
            # Nobody waits for it: at the moment of the fork a thread of the parent may have held a lock of the HTTP client.
            threading.Thread(target=self.provider.shutdown, daemon=True, name="heavylift-tracing").start()


def tracer() -> trace.Tracer:
    """Ours where ``configure`` was called, else that of the application around us, which also wins where ours goes nowhere."""
    current = _Current.tracing
    if current is None or (not current.records and global_provider.is_foreign()):
        return trace.get_tracer(SCOPE)
    return current.tracer


def records() -> bool:
    """Whether spans that are made now go anywhere: a task is not worth the cost of spans that nobody sees."""
    current = _Current.tracing
    return current is None or current.records or global_provider.is_foreign()


class _Current:
    tracing: Tracing | None = None


def _tracing() -> Tracing:
    assert _Current.tracing is not None  # noqa: S101  configure has set it
    return _Current.tracing


def _provider() -> TracerProvider:
    return _tracing().provider


def _make_provider(service: str, version: str, exporter: SpanExporter | None, report: Report) -> TracerProvider:
    provider = TracerProvider(
        sampler=ALWAYS_OFF if exporter is None else ParentBased(ALWAYS_ON),
        resource=Resource.create({"service.name": service, "service.version": version}),
        shutdown_on_exit=False,  # the SDK's handler waits for up to 30 seconds
    )
    if exporter is not None:
        provider.add_span_processor(SpanDelivery(exporter, report))
    return provider


def _exporter(endpoint: str) -> SpanExporter:
    return OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_TIMEOUT)


def _within(timeout: float, work: Callable[[], object]) -> bool:
    """Whether ``work`` ended in time. OpenTelemetry's own timeouts are not kept (opentelemetry-python #4568)."""
    thread = threading.Thread(target=work, daemon=True, name="heavylift-tracing")
    thread.start()
    thread.join(timeout)
    return not thread.is_alive()


def _tell_nobody(_: SpansDropped) -> None: ...
