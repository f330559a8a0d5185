"""A handler that runs without Celery's tracer ends as it does with it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from celery import Celery, signals
from pydantic import BaseModel

from heavylift import PermanentError, RetryPolicy, TemporaryError, task
from heavylift.celery.tasks import add_handler
from heavylift.errors import TaskTimeout
from heavylift.fingerprint import digest
from heavylift.outcome import Failed, Outcome, Retry, Succeeded
from heavylift.record import Delivery, Form
from heavylift.registry import Handler
from heavylift.state import FailureReason
from heavylift.store.memory import MemoryStore
from heavylift.telemetry import Reporter
from heavylift.worker.execute import Runner
from heavylift.worker.running import Runs
from heavylift.worker.scribe import Scribe

Run = Callable[[Delivery], Outcome]

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Wish(BaseModel):
    what: str


def _come_true(wish: Wish) -> dict[str, int]:
    match wish.what:
        case "number":
            return {"number": 1}
        case "wrong":
            return {"number": object()}  # type: ignore[dict-item]  the fault under test
        case "permanent":
            raise PermanentError("never")
        case "soon":
            raise TemporaryError("soon", delay=7.0)
        case "exit":
            raise SystemExit(3)
        case "late":
            raise TaskTimeout
    raise ValueError(f"no wish {wish.what}")


@task(name="wish.plain", retry=RetryPolicy(base=0, max_attempts=3))
def plain(wish: Wish) -> dict[str, int]:
    return _come_true(wish)


@task(name="wish.awaited", retry=RetryPolicy(base=0, max_attempts=3))
async def awaited(wish: Wish) -> dict[str, int]:
    return _come_true(wish)


@pytest.fixture
def runner() -> Runner:
    app = Celery("direct", set_as_current=False)
    for handler in (plain, awaited):
        add_handler(app, handler)
    return Runner(app, hostname="here", runs=Runs(Scribe(MemoryStore(), Reporter())))  # type: ignore[arg-type]


@pytest.fixture(params=["directly", "traced"])
def way(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Without and with somebody who listens to Celery's signals. Yields the ids of which the signals told."""
    told: list[str] = []

    def listen(task_id: str, **_: Any) -> None:
        told.append(task_id)

    if request.param == "traced":
        signals.task_prerun.connect(listen)
    yield told
    signals.task_prerun.disconnect(listen)
    assert told == (["1"] if request.param == "traced" else [])


def _delivery(handler: Handler, payload: Any, attempt: int = 1) -> Delivery:
    return Delivery(
        id="1",
        kind=handler.kind.name,
        payload=json.dumps(payload),
        form=Form.PAYLOAD,
        queue="default",
        fence=1,
        attempt=attempt,
        max_attempts=3,
        deaths=0,
        submitted_at=LONG_AGO,
        queued_at=LONG_AGO,
        started_at=LONG_AGO,
        traceparent="",
        headers="",
    )


def _error(outcome: Outcome) -> tuple[type[Outcome], str]:
    assert isinstance(outcome, Failed | Retry)
    return type(outcome), outcome.error.type


@pytest.fixture(params=[plain, awaited], ids=["def", "async def"])
def handler(request: pytest.FixtureRequest) -> Handler:
    return request.param


@pytest.fixture(params=["here", "on a loop"])
def run(request: pytest.FixtureRequest, runner: Runner) -> Run:
    if request.param == "here":
        return lambda delivery: runner.run_in_main_thread(delivery).outcome
    return lambda delivery: asyncio.run(runner.run_async(delivery)).outcome


@pytest.mark.usefixtures("way")
def test_what_it_returns_is_the_result(handler: Handler, run: Run) -> None:
    assert run(_delivery(handler, {"what": "number"})) == Succeeded('{"number":1}')


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("payload", "attempt", "end"),
    [
        ({"what": "unknown"}, 1, (Retry, "ValueError")),
        ({"what": "unknown"}, 3, (Failed, "ValueError")),
        ({"what": "late"}, 1, (Retry, "TaskTimeout")),
        ({"what": "permanent"}, 1, (Failed, "PermanentError")),
        ({"what": "wrong"}, 1, (Failed, "ResultInvalid")),
        ({"what": "exit"}, 1, (Failed, "SystemExit")),
        ({"when": "never"}, 1, (Failed, "PayloadInvalid")),
    ],
)
def test_what_it_raises_is_tried_again_or_is_its_end(
    handler: Handler, run: Run, payload: dict[str, str], attempt: int, end: tuple[type[Outcome], str]
) -> None:
    assert _error(run(_delivery(handler, payload, attempt))) == end


@pytest.mark.usefixtures("way")
def test_the_same_fault_has_the_same_fingerprint_whoever_runs_it(handler: Handler, run: Run) -> None:
    outcome = run(_delivery(handler, {"what": "unknown"}, attempt=3))

    assert isinstance(outcome, Failed)
    function = handler.function.__name__
    assert outcome.error.fingerprint == digest("builtins.ValueError", "test_direct.py:_come_true", f"test_direct.py:{function}")


@pytest.mark.parametrize("payload", ["{", "[" * 100_000])
@pytest.mark.parametrize("form", [Form.PAYLOAD, Form.CALL, Form.UNKNOWN])
def test_what_cannot_be_read_is_not_tried_again(handler: Handler, run: Run, payload: str, form: Form) -> None:
    outcome = run(replace(_delivery(handler, {}), payload=payload, form=form))

    assert isinstance(outcome, Failed)
    assert (outcome.error.type, outcome.reason) == ("Undecodable", FailureReason.UNDECODABLE)


@pytest.mark.usefixtures("way")
def test_it_may_say_itself_when_it_is_tried_again(handler: Handler, run: Run) -> None:
    outcome = run(_delivery(handler, {"what": "soon"}))

    assert isinstance(outcome, Retry)
    assert outcome.delay == 7.0
