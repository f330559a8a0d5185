import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from heavylift.settings import TelemetrySettings
from heavylift.telemetry import AttemptEnded, Event, Lost, Promoted, SpansDropped, Started, StoreTrouble, TasksHandedOn, traces
from heavylift.telemetry.logs import Logs, bind_task, configure

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """Logs are JSON; what was logged since the last look, as objects."""
    configure(TelemetrySettings(log_level="debug"), service="tested")
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_fact_is_one_line_that_begins_with_its_name(lines: Lines, one_of_each: list[Event]) -> None:
    for event in one_of_each:
        Logs()(event)

        [line] = lines()

        assert next(iter(line)) == "event"
        assert line["event"] == event.name
        assert line["service"] == "tested"
        assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (Started(task_id="1", kind="k", queue="q", attempt=1, queued_at=1, started_at=2), "info"),
        (Promoted(due=1, expired=0), "debug"),
        (TasksHandedOn(consumer="c", cause="drain", requeued=("1",), buried=()), "info"),
        (TasksHandedOn(consumer="c", cause="oom", requeued=(), buried=("1",)), "error"),
        (Lost(consumer="c", pid=1, reason="signal", cause="SIGKILL"), "error"),
        (StoreTrouble(component="api", error_type="StoreUnavailable", message="refused"), "warning"),
        (SpansDropped(count=1, error_type="ExportFailed"), "warning"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_the_level_says_how_much_it_matters(lines: Lines, event: Event, level: str) -> None:
    Logs()(event)

    assert [line["level"] for line in lines()] == [level]


def _ended(result: str, **more: Any) -> AttemptEnded:
    return AttemptEnded(task_id="1", kind="k", queue="q", attempt=2, result=result, duration=0.5, since_submit=3.0, **more)


def test_a_failed_attempt_is_a_warning_that_says_what_failed_and_what_follows(lines: Lines) -> None:
    Logs()(_ended("retry", error_type="ConnectionError", error_message="no route", delay=4.0))
    Logs()(_ended("failure", error_type="ValueError", error_message="not a picture"))
    Logs()(_ended("success"))

    again, over, well = lines()

    assert (again["level"], again["error_type"], again["error_message"]) == ("warning", "ConnectionError", "no route")
    assert again["message"] == "Attempt 2 failed; the next follows in 4 s."
    assert (over["level"], over["message"]) == ("warning", "Attempt 2 was the last: ValueError.")
    assert (well["level"], "message" in well) == ("info", False)


def test_an_end_that_the_store_refused_is_a_warning_although_the_function_succeeded(lines: Lines) -> None:
    Logs()(_ended("success", committed=False))

    [line] = lines()

    assert line["level"] == "warning"
    assert "another worker holds the task" in line["message"]


def test_the_libraries_log_in_the_same_shape(lines: Lines) -> None:
    for name in ("celery", "kombu", "uvicorn.error"):
        logging.getLogger(name).warning("lost the %s", "broker")

        [line] = lines()

        assert (line["event"], line["level"], line["logger"]) == ("lost the broker", "warning", name)
        assert {"timestamp", "service"} <= set(line)


def test_a_handler_that_a_library_brought_along_is_taken_away(lines: Lines) -> None:
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler())
    logging.getLogger("uvicorn").propagate = False

    configure(TelemetrySettings(), service="tested")
    logging.getLogger("uvicorn").warning("once")

    assert [line["event"] for line in lines()] == ["once"]


def test_configuring_again_replaces_what_was(lines: Lines) -> None:
    configure(TelemetrySettings(log_level="warning"), service="another")

    logging.getLogger("any").info("not shown")
    structlog.get_logger("any").info("not shown either")
    structlog.get_logger("any").warning("shown once")

    assert [(line["event"], line["service"]) for line in lines()] == [("shown once", "another")]


def test_a_fact_below_the_level_is_not_logged(lines: Lines) -> None:
    configure(TelemetrySettings(log_level="warning"), service="tested")

    Logs()(_ended("success"))
    Logs()(_ended("failure", error_type="ValueError"))

    assert [line["result"] for line in lines()] == ["failure"]


def test_a_line_carries_the_ids_of_the_current_span(lines: Lines) -> None:
    traces.configure(TelemetrySettings(), service="tested")
    with traces.sending(kind="k", queue="q", task_id="1") as traceparent:
        structlog.get_logger("ours").info("inside")
        logging.getLogger("theirs").info("inside")
    logging.getLogger("theirs").info("outside")

    ours, theirs, outside = lines()

    _, trace_id, span_id, _ = traceparent.split("-")
    assert (ours["trace_id"], ours["span_id"]) == (trace_id, span_id)
    assert (theirs["trace_id"], theirs["span_id"]) == (trace_id, span_id)
    assert "trace_id" not in outside


def test_a_fact_told_outside_of_its_span_still_names_its_trace(lines: Lines) -> None:
    Logs()(_ended("error", error_type="WorkerLost", traceparent=TRACEPARENT))

    assert [line["trace_id"] for line in lines()] == [TRACE]


def _log_a_failure(because: str) -> None:
    password = "-".join(["hunter", "2"])
    try:
        _refuse(password, because)
    except ValueError:
        logging.getLogger("any").exception("it failed")


def _refuse(password: str, because: str) -> None:
    raise ValueError(because)


def test_an_exception_is_one_line_with_its_traceback(lines: Lines) -> None:
    _log_a_failure(because="not a picture")

    [line] = lines()

    assert line["event"] == "it failed"
    assert "ValueError: not a picture" in line["exception"]


def test_a_very_long_error_is_cut(lines: Lines) -> None:
    Logs()(_ended("failure", error_type="ValueError", error_message="x" * 100_000))

    [line] = lines()

    assert len(line["error_message"]) < 3000


def test_an_outage_of_redis_does_not_flood_the_logs(lines: Lines) -> None:
    clock = Clock()
    logs = Logs(clock)
    trouble = StoreTrouble(component="upkeep", error_type="StoreUnavailable", message="refused")

    # The first is told at once, those right after it are counted.
    for _ in range(100):
        logs(trouble)
    assert ["suppressed" in line for line in lines()] == [False]

    # After five seconds one more is told, with the count.
    clock.now += 5.0
    logs(trouble)
    logs(trouble)
    assert [line["suppressed"] for line in lines()] == [99]

    # Somebody else's trouble is told at once.
    logs(StoreTrouble(component="guardian", error_type="StoreUnavailable", message="refused"))
    assert [line["component"] for line in lines()] == ["guardian"]


def test_what_a_task_logs_carries_the_task_and_what_comes_after_does_not(lines: Lines) -> None:
    with bind_task("1", "thumbnail", "pictures", 2):
        logging.getLogger("theirs").info("inside")
    logging.getLogger("theirs").info("outside")

    inside, outside = lines()

    assert (inside["task_id"], inside["kind"], inside["queue"], inside["attempt"]) == ("1", "thumbnail", "pictures", 2)
    assert not {"task_id", "kind", "queue", "attempt"} & set(outside)


def test_a_task_that_fails_leaves_nothing_behind_and_takes_nothing_of_others_away(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request="r-1"):
        with pytest.raises(ValueError, match="bad"), bind_task("1", "k", "q", 1):
            raise ValueError("bad")
        logging.getLogger("any").info("after")

    [after] = lines()

    assert "task_id" not in after
    assert after["request"] == "r-1"


async def test_tasks_that_run_interleaved_on_one_loop_do_not_mix_their_lines(lines: Lines) -> None:
    meet = asyncio.Barrier(3)

    async def run(task_id: str) -> None:
        with bind_task(task_id, "k", "q", 1):
            await meet.wait()
            logging.getLogger("any").info("ran %s", task_id)
            await meet.wait()

    await asyncio.gather(*(run(task_id) for task_id in "abc"))
    logging.getLogger("any").info("all over")

    *ran, over = (line for line in lines() if line["logger"] == "any")
    assert sorted((line["task_id"], line["event"]) for line in ran) == [("a", "ran a"), ("b", "ran b"), ("c", "ran c")]
    assert "task_id" not in over


def test_at_a_terminal_a_line_reads_as_time_level_event_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure(TelemetrySettings(log_format="console"), service="tested")

    Logs()(_ended("failure", error_type="ValueError", error_message="not a picture"))

    line = capsys.readouterr().out
    time, level, event = line.split()[:3]
    assert time.endswith("Z")
    assert (level, event) == ("[warning", "]")
    assert "task.ended" in line
    assert "Attempt 2 was the last: ValueError. task_id=1 kind=k queue=q" in line
    assert "\x1b" not in line, "colours are for terminals only"


def test_a_traceback_at_a_terminal_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    configure(TelemetrySettings(log_format="console"), service="tested")

    _log_a_failure(because="not let in")

    out = capsys.readouterr().out
    assert "ValueError: not let in" in out
    assert "hunter-2" not in out
