import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Sequence

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from heavylift.settings import TelemetrySettings
from heavylift.telemetry import AttemptEnded, SpansDropped, Started
from heavylift.telemetry.span_delivery import SpanDelivery
from heavylift.telemetry.traces import Traces, configure, current_traceparent, sending
from tests.support.eventually import eventually
from tests.support.otlp import OtlpReceiver

FORKING = """
    import os, sys, time
    from opentelemetry import trace
    from heavylift.settings import TelemetrySettings
    from heavylift.telemetry import AttemptEnded, Started
    from heavylift.telemetry.traces import Traces, configure, sending

    settings = TelemetrySettings(otlp_endpoint=sys.argv[1])
    kept = trace.get_tracer("kept from before the fork")

    def be_child(number):
        tracing = configure(settings, service="worker")
        assert tracing is not parent, "the parent's connection to the collector is the parent's"
        traces, about = Traces(), dict(task_id=str(number), kind="k", queue="q", attempt=1, traceparent=traceparent)
        traces(Started(**about, queued_at=1.0, started_at=2.0))
        with kept.start_as_current_span("step"):
            pass
        traces(AttemptEnded(**about, result="success", duration=0.1, since_submit=1.0))
        os._exit(0 if tracing.close() else 1)

    parent = configure(settings, service="worker")
    with sending(kind="k", queue="q", task_id="0") as traceparent:
        with kept.start_as_current_span("in the parent"):
            pass
    assert parent.flush()
    pids = []
    for number in range(20):
        pid = os.fork()
        if pid == 0:
            be_child(number)
        pids.append(pid)
    ends = [os.waitpid(pid, 0)[1] for pid in pids]
    with sending(kind="k", queue="q", task_id="1"):
        pass
    assert parent.close()
    sys.exit(any(ends))
"""

FOREIGN = """
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from heavylift.settings import TelemetrySettings
    from heavylift.telemetry.traces import configure, sending

    theirs = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    trace.set_tracer_provider(provider)
    if {configured}:
        configure(TelemetrySettings(), service="s")
    with sending(kind="k", queue="q", task_id="1") as traceparent:
        pass
    [span] = theirs.get_finished_spans()
    assert span.name == "send q", span
    assert trace.get_tracer_provider() is provider
    print(traceparent)
"""


def _run(script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _run_a_task(count: int = 1) -> None:
    traces = Traces()
    for number in range(count):
        about = {"task_id": str(number), "kind": "k", "queue": "q", "attempt": 1}
        traces(Started(**about, queued_at=1.0, started_at=2.0))
        traces(AttemptEnded(**about, result="success", duration=0.1, since_submit=1.0))


def test_spans_of_forked_children_all_arrive(otlp_receiver: OtlpReceiver) -> None:
    """Also from a parent that has sent spans before, over a tracer that was made before, and 20 of 20."""
    run = _run(FORKING, otlp_receiver.endpoint)

    assert run.returncode == 0, run.stderr
    processed = otlp_receiver.named("process q")
    assert sorted(int(span.attributes["messaging.message.id"]) for span in processed) == list(range(20))
    assert len({span.resource["service.instance.id"] for span in processed}) == 20
    assert {step.parent_id for step in otlp_receiver.named("step")} == {span.span_id for span in processed}
    assert len(otlp_receiver.named("send q")) == 2, "the parent goes on to send"


def test_without_an_endpoint_ids_are_made_and_nothing_is_recorded() -> None:
    tracing = configure(TelemetrySettings(), service="s")

    with sending(kind="k", queue="q", task_id="1") as traceparent:
        recording = trace.get_current_span().is_recording()
        inside = current_traceparent()

    version, trace_id, span_id, _ = traceparent.split("-")
    assert (version, len(trace_id), len(span_id)) == ("00", 32, 16)
    assert inside == traceparent
    assert not recording
    assert tracing.flush()
    assert tracing.close()


def test_without_an_endpoint_the_run_of_a_task_carries_on_its_trace() -> None:
    configure(TelemetrySettings(), service="s")
    with sending(kind="k", queue="q", task_id="1") as traceparent:
        pass
    traces, about = Traces(), {"task_id": "1", "kind": "k", "queue": "q", "attempt": 1, "traceparent": traceparent}

    traces(Started(**about, queued_at=1.0, started_at=2.0))
    inside = current_traceparent()
    traces(AttemptEnded(**about, result="success", duration=0.1, since_submit=1.0))

    assert inside.split("-")[1] == traceparent.split("-")[1]
    assert current_traceparent() == ""


def test_configuring_again_with_the_same_values_changes_nothing(absent_collector: str) -> None:
    settings = TelemetrySettings(otlp_endpoint=absent_collector)

    first, second = configure(settings, service="s"), configure(settings, service="s")
    first.close()

    assert second is first
    assert configure(settings, service="s") is not first, "a closed one is of no use"


def test_closing_is_bounded_when_nobody_listens(absent_collector: str) -> None:
    tracing = configure(TelemetrySettings(otlp_endpoint=absent_collector), service="s")
    _run_a_task()

    began = time.monotonic()
    in_time = tracing.close()

    assert time.monotonic() - began < 2.5
    assert not in_time


def test_closing_is_bounded_when_the_collector_is_a_black_hole(silent_collector: str) -> None:
    tracing = configure(TelemetrySettings(otlp_endpoint=silent_collector), service="s")
    _run_a_task()

    began = time.monotonic()
    flushed, closed = tracing.flush(timeout=0.2), tracing.close()

    assert time.monotonic() - began < 2.7
    assert (flushed, closed) == (False, False)


def test_closing_twice_is_as_good_as_once(otlp_receiver: OtlpReceiver) -> None:
    tracing = configure(TelemetrySettings(otlp_endpoint=otlp_receiver.endpoint), service="s")
    _run_a_task()

    assert tracing.close()
    assert tracing.close()

    assert len(otlp_receiver.named("process q")) == 1


def test_spans_arrive_without_anyone_flushing(otlp_receiver: OtlpReceiver) -> None:
    tracing = configure(TelemetrySettings(otlp_endpoint=otlp_receiver.endpoint), service="s")
    _run_a_task()

    eventually(lambda: otlp_receiver.named("process q"), within=5.0, claim="the span of the task arrived")
    tracing.close()


def test_spans_that_a_collector_refuses_are_told_of(otlp_receiver: OtlpReceiver) -> None:
    told: list[SpansDropped] = []
    otlp_receiver.status = 400
    tracing = configure(TelemetrySettings(otlp_endpoint=otlp_receiver.endpoint), service="s", report=told.append)
    _run_a_task(2)

    tracing.close()

    assert told == [SpansDropped(count=4, error_type="ExportFailed")]


class Stuck(SpanExporter):
    """Exports nothing until it is let go."""

    def __init__(self) -> None:
        self.busy = threading.Event()
        self.go_on = threading.Event()
        self.exported = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.busy.set()
        assert self.go_on.wait(10.0)
        self.exported += len(spans)
        return SpanExportResult.SUCCESS


def test_spans_that_find_the_queue_full_are_told_of() -> None:
    stuck, told = Stuck(), list[SpansDropped]()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SpanDelivery(stuck, told.append))
    tracer = provider.get_tracer("t")

    # Given a first batch that is under way and a queue that fills behind it
    tracer.start_span("first").end()
    assert stuck.busy.wait(5.0)
    for _ in range(3000):
        tracer.start_span("more").end()

    # When it goes on
    stuck.go_on.set()
    provider.shutdown()

    # Then what arrived and what was dropped add up
    dropped = sum(event.count for event in told)
    assert {event.error_type for event in told} == {"QueueFull"}
    assert (stuck.exported, dropped) == (2049, 952)


@pytest.mark.parametrize("configured", [True, False])
def test_an_application_that_traces_by_itself_gets_our_spans(configured: bool) -> None:
    run = _run(FOREIGN.replace("{configured}", str(configured)))

    assert run.returncode == 0, run.stderr
    assert run.stderr == "", "setting a second global provider would be warned of"
    assert run.stdout.startswith("00-")


def test_who_does_not_trace_submits_without_a_traceparent() -> None:
    script = """
        from heavylift.telemetry.traces import sending
        with sending(kind="k", queue="q", task_id="1") as traceparent:
            print(repr(traceparent))
    """

    assert _run(script).stdout == "''\n"
