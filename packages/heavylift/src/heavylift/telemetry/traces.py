"""The subscriber that turns facts into spans, so that a task is one trace from its submission over its wait to its run.

Names and attributes follow the messaging conventions of OpenTelemetry 1.44: ``send {queue}`` is the creation, ``process
{queue}`` an attempt, as a child of the creation and linked to it. Every attempt hangs on the creation, so retries and
redeliveries are siblings. ``wait {queue}`` is ours; the conventions know no queue time.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from heavylift.telemetry.events import AttemptEnded, Event, Result, Started
from heavylift.telemetry.tracing import Tracing, configure, records, tracer

__all__ = ["Traces", "Tracing", "configure", "current_traceparent", "sending"]

_FAILURES: Final = frozenset({Result.FAILURE, Result.ERROR, Result.TIMEOUT})
_UNSEEN: Final = frozenset({Result.ERROR, Result.TIMEOUT})
_OUTSIDE: Final = contexts.create_key("heavylift-outside")  #: The context that was current before any task's span.
_IDS: Final = RandomIdGenerator()
_W3C: Final = TraceContextTextMapPropagator()


def current_traceparent() -> str:
    """The W3C context of the current span, empty where there is none."""
    return _traceparent(contexts.get_current())


@contextmanager
def sending(*, kind: str, queue: str, task_id: str) -> Iterator[str]:
    """The span of a submission around its body. Yields the traceparent that belongs into the record.

    Where spans go nowhere none is made: ids are, and are passed on.
    """
    if not records():
        with trace.use_span(_unrecorded()):
            yield current_traceparent()
        return
    attributes = _attributes("send", kind, queue, task_id)
    with tracer().start_as_current_span(f"send {queue}", kind=SpanKind.PRODUCER, attributes=attributes) as span:
        try:
            yield current_traceparent()
        except BaseException as error:
            span.set_attribute("error.type", type(error).__qualname__)
            raise


def _unrecorded() -> Span:
    """What a span that is not sampled would be: of the trace that there is, or of a new one, with an id of its own."""
    around = trace.get_current_span().get_span_context()
    trace_id = around.trace_id if around.is_valid else _IDS.generate_trace_id()
    return NonRecordingSpan(SpanContext(trace_id, _IDS.generate_span_id(), is_remote=False))


@dataclass(frozen=True, slots=True)
class _Open:
    span: Span
    outside: Context


class Traces:
    """Opens the span of an attempt on ``Started`` and closes it on ``AttemptEnded``.

    Report ``Started`` in the thread or asyncio task that runs the function: there the span becomes the current one, and what the
    function does nests inside. ``AttemptEnded`` may be reported from anywhere in the process.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], _Open] = {}

    def __call__(self, event: Event) -> None:
        """Hear a fact."""
        match event:
            case Started():
                self._start(event)
            case AttemptEnded():
                self._end(event)

    def _start(self, event: Started) -> None:
        self._forget(event)
        if not (event.traceparent or records()):
            return  # nothing to hang on and nobody to tell
        creation = _creation(event.traceparent)
        outside = _outside()
        if records():
            _emit_wait(event, creation)
            span = _start_process(event, creation)
            span.set_attributes({"task.attempt": event.attempt, "task.queue.wait": event.wait})
        else:
            span = trace.get_current_span(creation)  # logs still show the trace, and what the task submits still belongs to it
        self._open[event.task_id, event.attempt] = _Open(span, outside)
        contexts.attach(contexts.set_value(_OUTSIDE, outside, trace.set_span_in_context(span, outside)))

    def _forget(self, event: Started) -> None:
        """End what a former delivery of the same attempt to this process left open."""
        if forgotten := self._open.pop((event.task_id, event.attempt), None):
            forgotten.span.end()

    def _end(self, event: AttemptEnded) -> None:
        opened = self._open.pop((event.task_id, event.attempt), None)
        if opened is not None:
            _conclude(opened.span, event)
            _leave(opened)
        elif event.result in _UNSEEN:
            _emit_unseen(event)


def _emit_wait(event: Started, creation: Context) -> None:
    attributes: dict[str, AttributeValue] = {
        "messaging.system": "heavylift",
        "messaging.destination.name": event.queue,
        "messaging.message.id": event.task_id,
        "task.name": event.kind,
        "task.attempt": event.attempt,
    }
    span = tracer().start_span(f"wait {event.queue}", creation, attributes=attributes, start_time=_ns(event.queued_at))
    span.end(_ns(event.queued_at + event.wait))


def _start_process(event: Started | AttemptEnded, creation: Context, start_time: int | None = None) -> Span:
    created = trace.get_current_span(creation).get_span_context()
    return tracer().start_span(
        f"process {event.queue}",
        creation,
        kind=SpanKind.CONSUMER,
        attributes=_attributes("process", event.kind, event.queue, event.task_id),
        links=[Link(created)] if created.is_valid else [],
        start_time=start_time,
    )


def _emit_unseen(event: AttemptEnded) -> None:
    """The span of an attempt whose process did not live to tell of it."""
    now = time.time_ns()
    span = _start_process(event, _creation(event.traceparent), now - _ns(event.duration))
    span.set_attribute("task.attempt", event.attempt)
    _conclude(span, event, now)


def _conclude(span: Span, event: AttemptEnded, end_time: int | None = None) -> None:
    span.set_attribute("task.result", event.result)
    if not event.committed:
        span.set_attribute("task.committed", False)
    if event.result in _FAILURES or event.error_type:
        span.set_attribute("error.type", event.error_type or event.result)
        span.set_status(StatusCode.ERROR, event.error_message)
    span.end(end_time)


def _outside() -> Context:
    """The current context without the span of a task that ended elsewhere than it began."""
    current = contexts.get_current()
    outside = contexts.get_value(_OUTSIDE, current)
    return outside if isinstance(outside, Context) else current


def _leave(opened: _Open) -> None:
    # Not by token: a token can only be given back in the very context that it came from, and ends are often reported elsewhere.
    if trace.get_current_span() is opened.span:
        contexts.attach(opened.outside)


def _creation(traceparent: str) -> Context:
    return _W3C.extract({"traceparent": traceparent}, Context())


def _traceparent(context: Context) -> str:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, context)
    return carrier.get("traceparent", "")


def _attributes(operation: str, kind: str, queue: str, task_id: str) -> dict[str, AttributeValue]:
    return {
        "messaging.system": "heavylift",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": queue,
        "messaging.message.id": task_id,
        "task.name": kind,
    }


def _ns(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
