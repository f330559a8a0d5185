import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from opentelemetry import trace

from heavylift.settings import TelemetrySettings
from heavylift.telemetry import AttemptEnded, Started
from heavylift.telemetry.traces import Traces, Tracing, configure, current_traceparent, sending
from tests.support.otlp import OtlpReceiver, ReceivedSpan

TASK = "0192d0de-0000-7000-8000-000000000001"
QUEUED = 1_700_000_000.0


@pytest.fixture
def tracing(otlp_receiver: OtlpReceiver) -> Iterator[Tracing]:
    tracing = configure(TelemetrySettings(otlp_endpoint=otlp_receiver.endpoint), service="heavylift-worker", version="1.2.3")
    yield tracing
    tracing.close()


@pytest.fixture
def received(tracing: Tracing, otlp_receiver: OtlpReceiver) -> Callable[[str], list[ReceivedSpan]]:
    """The spans of a name that have arrived when all were sent."""

    def named(name: str) -> list[ReceivedSpan]:
        assert tracing.flush()
        return otlp_receiver.named(name)

    return named


Received = Callable[[str], list[ReceivedSpan]]


def _sent(task_id: str = TASK) -> str:
    with sending(kind="thumbnail", queue="pictures", task_id=task_id) as traceparent:
        return traceparent


def _started(traceparent: str, task_id: str = TASK, attempt: int = 1) -> Started:
    where = {"task_id": task_id, "kind": "thumbnail", "queue": "pictures", "attempt": attempt}
    return Started(**where, queued_at=QUEUED, started_at=QUEUED + 0.25, traceparent=traceparent)


def _ended(traceparent: str, result: str = "success", task_id: str = TASK, attempt: int = 1, **more: object) -> AttemptEnded:
    where = {"task_id": task_id, "kind": "thumbnail", "queue": "pictures", "attempt": attempt}
    return AttemptEnded(**where | {"result": result, "duration": 0.5, "since_submit": 1.0, "traceparent": traceparent} | more)


def test_a_task_is_one_trace_from_its_submission_over_its_wait_to_its_run(received: Received) -> None:
    # Given a task that is sent inside of a request, and whose function makes a span of its own
    traces = Traces()
    with trace.get_tracer("of the application").start_as_current_span("POST /photos"):
        traceparent = _sent()

    # When it is run
    traces(_started(traceparent))
    with trace.get_tracer("of the task").start_as_current_span("resize"):
        pass
    traces(_ended(traceparent))

    # Then everything hangs together
    [request], [send], [wait] = received("POST /photos"), received("send pictures"), received("wait pictures")
    [process], [resize] = received("process pictures"), received("resize")
    assert {span.trace_id for span in (request, send, wait, process, resize)} == {traceparent.split("-")[1]}
    assert send.parent_id == request.span_id
    assert wait.parent_id == send.span_id
    assert process.parent_id == send.span_id
    assert process.links == (send.span_id,)
    assert resize.parent_id == process.span_id
    assert [span.kind for span in (send, wait, process, resize)] == ["PRODUCER", "INTERNAL", "CONSUMER", "INTERNAL"]
    assert traceparent.split("-")[2] == send.span_id
    assert not process.failed


def test_the_wait_is_as_long_as_the_task_waited(received: Received) -> None:
    traces = Traces()
    traceparent = _sent()

    traces(_started(traceparent))
    traces(_ended(traceparent))

    [wait] = received("wait pictures")
    assert wait.start == pytest.approx(QUEUED * 1e9, abs=1e4)
    assert wait.end - wait.start == pytest.approx(0.25e9, abs=1e4)


def test_the_spans_say_what_the_conventions_ask_for(received: Received) -> None:
    traces = Traces()
    traceparent = _sent()

    traces(_started(traceparent, attempt=2))
    traces(_ended(traceparent, attempt=2))

    [send], [process] = received("send pictures"), received("process pictures")
    common = {
        "messaging.system": "heavylift",
        "messaging.destination.name": "pictures",
        "messaging.message.id": TASK,
        "task.name": "thumbnail",
    }
    assert send.attributes == common | {"messaging.operation.name": "send", "messaging.operation.type": "send"}
    assert process.attributes == common | {
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "task.attempt": 2,
        "task.queue.wait": 0.25,
        "task.result": "success",
    }
    assert process.resource["service.name"] == "heavylift-worker"
    assert process.resource["service.version"] == "1.2.3"


@pytest.mark.parametrize("result", ["failure", "timeout", "error", "retry"])
def test_an_attempt_that_failed_is_an_error_with_its_type_and_message(received: Received, result: str) -> None:
    traces = Traces()
    traceparent = _sent()

    traces(_started(traceparent))
    traces(_ended(traceparent, result, error_type="ValueError", error_message="not a picture"))

    [process] = received("process pictures")
    assert (process.failed, process.message) == (True, "not a picture")
    assert process.attributes["error.type"] == "ValueError"
    assert process.attributes["task.result"] == result


def test_an_attempt_that_was_called_off_is_no_error(received: Received) -> None:
    traces = Traces()
    traceparent = _sent()

    traces(_started(traceparent))
    traces(_ended(traceparent, "cancellation"))

    [process] = received("process pictures")
    assert (process.failed, process.attributes["task.result"]) == (False, "cancellation")


def test_every_attempt_is_a_child_of_the_submission(received: Received) -> None:
    traces = Traces()
    traceparent = _sent()

    for attempt, result in enumerate(["retry", "retry", "success"], start=1):
        traces(_started(traceparent, attempt=attempt))
        traces(_ended(traceparent, result, attempt=attempt))

    [send] = received("send pictures")
    attempts = received("process pictures")
    assert [span.attributes["task.attempt"] for span in attempts] == [1, 2, 3]
    assert {span.parent_id for span in attempts} == {send.span_id}
    assert {span.parent_id for span in received("wait pictures")} == {send.span_id}


@pytest.mark.parametrize("result", ["error", "timeout"])
def test_a_task_whose_process_was_killed_has_a_span_all_the_same(received: Received, result: str) -> None:
    traceparent = _sent()

    # The guardian did not see the start; it tells of the end.
    Traces()(_ended(traceparent, result, duration=3.0, error_type="WorkerLost", error_message="killed by signal 9"))

    [send], [process] = received("send pictures"), received("process pictures")
    assert (process.trace_id, process.parent_id, process.links) == (send.trace_id, send.span_id, (send.span_id,))
    assert process.end - process.start == pytest.approx(3e9, abs=1e4)
    assert process.failed
    assert process.attributes["error.type"] == "WorkerLost"


def test_an_end_without_a_start_that_others_tell_of_makes_no_second_span(received: Received) -> None:
    traceparent = _sent()

    Traces()(_ended(traceparent, "success"))
    Traces()(_ended(traceparent, "skip"))

    assert received("process pictures") == []


def test_an_end_that_the_store_refused_is_marked(received: Received) -> None:
    traces = Traces()
    traceparent = _sent()

    traces(_started(traceparent))
    traces(_ended(traceparent, committed=False))

    [process] = received("process pictures")
    assert process.attributes["task.committed"] is False


def test_a_task_without_a_traceparent_begins_a_trace_of_its_own(received: Received) -> None:
    traces = Traces()

    traces(_started(""))
    traces(_ended(""))

    [process] = received("process pictures")
    assert (process.parent_id, process.links) == ("", ())


def test_a_submission_that_fails_ends_its_span_with_the_error(received: Received) -> None:
    with pytest.raises(ConnectionError), sending(kind="thumbnail", queue="pictures", task_id=TASK):
        raise ConnectionError("no route to Redis")

    [send] = received("send pictures")
    assert send.failed
    assert send.attributes["error.type"] == "ConnectionError"
    assert current_traceparent() == ""


async def test_a_submission_that_is_called_off_ends_its_span_too(received: Received) -> None:
    with pytest.raises(asyncio.CancelledError), sending(kind="thumbnail", queue="pictures", task_id=TASK):
        raise asyncio.CancelledError

    [send] = received("send pictures")
    assert send.attributes["error.type"] == "CancelledError"


async def test_tasks_interleaved_on_one_loop_keep_their_spans_apart(received: Received) -> None:
    traces = Traces()
    meet = asyncio.Barrier(10)

    async def run(number: int) -> None:
        traceparent = _sent(str(number))
        traces(_started(traceparent, str(number)))
        await meet.wait()
        with trace.get_tracer("of the task").start_as_current_span("step", attributes={"number": number}):
            await meet.wait()
        traces(_ended(traceparent, task_id=str(number)))
        assert current_traceparent() == ""

    await asyncio.gather(*(run(number) for number in range(10)))

    owner = {span.span_id: span.attributes["messaging.message.id"] for span in received("process pictures")}
    assert {(owner[step.parent_id], step.attributes["number"]) for step in received("step")} == {(str(n), n) for n in range(10)}


def test_tasks_in_threads_keep_their_spans_apart(received: Received) -> None:
    traces = Traces()
    meet = threading.Barrier(4)

    def run(number: int) -> None:
        traceparent = _sent(str(number))
        traces(_started(traceparent, str(number)))
        meet.wait()
        with trace.get_tracer("of the task").start_as_current_span("step", attributes={"number": number}):
            meet.wait()
        traces(_ended(traceparent, task_id=str(number)))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    owner = {span.span_id: span.attributes["messaging.message.id"] for span in received("process pictures")}
    assert {(owner[step.parent_id], step.attributes["number"]) for step in received("step")} == {(str(n), n) for n in range(4)}


def test_ends_told_together_after_the_runs_leave_no_span_behind(received: Received) -> None:
    traces = Traces()
    first, second = _sent("1"), _sent("2")

    with trace.get_tracer("of the worker").start_as_current_span("around"):
        around = current_traceparent()
        # A child runs one task after the other and tells of both ends once the store has them.
        for task_id, traceparent in (("1", first), ("2", second)):
            traces(_started(traceparent, task_id))
            with trace.get_tracer("of the task").start_as_current_span("step"):
                pass
        traces(_ended(first, task_id="1"))
        traces(_ended(second, task_id="2"))
        assert current_traceparent() == around

    one, two = received("process pictures")
    assert [step.parent_id for step in received("step")] == [one.span_id, two.span_id]


async def test_an_end_told_from_another_asyncio_task_closes_the_span(
    received: Received, caplog: pytest.LogCaptureFixture
) -> None:
    traces = Traces()
    traceparent = _sent()

    async def run() -> None:
        traces(_started(traceparent))

    async def report() -> None:
        traces(_ended(traceparent))

    await asyncio.create_task(run())
    await asyncio.create_task(report())

    assert len(received("process pictures")) == 1
    assert caplog.text == ""


def test_a_task_handed_back_to_the_same_process_ends_the_span_that_nobody_ended(received: Received) -> None:
    traces = Traces()
    traceparent = _sent()

    traces(_started(traceparent))
    traces(_started(traceparent))
    traces(_ended(traceparent))

    assert len(received("process pictures")) == 2


def test_a_span_of_a_task_is_not_measured_by_the_clock_of_the_store(received: Received) -> None:
    traces = Traces()
    traceparent = _sent()
    before = time.time_ns()

    traces(_started(traceparent))
    traces(_ended(traceparent))

    [process] = received("process pictures")
    assert before <= process.start <= process.end <= time.time_ns()
