"""How ended spans leave the process: a bounded queue, batches, and word of every span that did not arrive."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from heavylift.telemetry.events import SpansDropped

Report = Callable[[SpansDropped], None]

_QUEUE: Final = 2048  #: Spans, about 6 MB. The SDK drops silently beyond it; we count.
_EXPORT_EVERY: Final = 500.0  #: Milliseconds: the spans that a killed process may take with it.


class SpanDelivery(SpanProcessor):
    """A BatchSpanProcessor behind a gate, so that what it would drop is known."""

    def __init__(self, exporter: SpanExporter, report: Report) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._turned_away = 0
        self._report = report
        sender = _Sender(exporter, self)
        self._batches = BatchSpanProcessor(sender, max_queue_size=_QUEUE, schedule_delay_millis=_EXPORT_EVERY)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing happens at the start."""

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span, or count it as dropped where the queue is full."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        if self._admit():
            self._batches.on_end(span)

    def shutdown(self) -> None:
        """Send what is queued and stop."""
        self._batches.shutdown()  # type: ignore[no-untyped-call]  # the SDK left it unannotated

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is queued."""
        return self._batches.force_flush(timeout_millis)

    def took(self, count: int) -> None:
        """A batch has left the queue; tell of the spans that found it full before."""
        with self._lock:
            self._waiting -= count
            turned_away, self._turned_away = self._turned_away, 0
        if turned_away:
            self._report(SpansDropped(count=turned_away, error_type="QueueFull"))

    def lost(self, count: int) -> None:
        """A batch could not be delivered."""
        self._report(SpansDropped(count=count, error_type="ExportFailed"))

    def _admit(self) -> bool:
        with self._lock:
            admitted = self._waiting < _QUEUE
            self._waiting += admitted
            self._turned_away += not admitted
        return admitted


class _Sender(SpanExporter):
    def __init__(self, exporter: SpanExporter, delivery: SpanDelivery) -> None:
        self._exporter = exporter
        self._delivery = delivery

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._delivery.took(len(spans))
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._delivery.lost(len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)
