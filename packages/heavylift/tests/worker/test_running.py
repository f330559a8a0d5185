"""Runs that are told to stop."""

import asyncio

import pytest

from heavylift.context.awaited import giving_way
from heavylift.record import Delivery, Form, from_ms
from heavylift.store.memory import MemoryStore
from heavylift.telemetry import Reporter
from heavylift.worker.running import Run, Runs
from heavylift.worker.scribe import Scribe


def delivery(id_: str = "1", fence: int = 1) -> Delivery:
    moment = from_ms(0)
    return Delivery(
        id=id_,
        kind="demo.work",
        payload="{}",
        form=Form.PAYLOAD,
        queue="default",
        fence=fence,
        attempt=1,
        max_attempts=1,
        deaths=0,
        submitted_at=moment,
        queued_at=moment,
        started_at=moment,
        traceparent="",
        headers="",
    )


@pytest.fixture
def losses() -> list[int]:
    return []


@pytest.fixture
def runs(losses: list[int]) -> Runs:
    return Runs(Scribe(MemoryStore(), Reporter()), on_lost=lambda: losses.append(1))  # type: ignore[arg-type]


def test_those_that_are_named_are_cancelled_and_no_others(runs: Runs) -> None:
    with Run(delivery("1"), None, runs) as one, Run(delivery("2"), None, runs) as other:
        runs.cancel(frozenset({"1", "unknown"}))

        assert (one.cancelled, one.lost, other.cancelled) == (True, False, False)


def test_a_loss_leaves_the_next_run_of_the_task_alone_also_under_the_same_fence(runs: Runs, losses: list[int]) -> None:
    gone, next_one = delivery(fence=1), delivery(fence=1)
    with Run(gone, None, runs) as stale, Run(next_one, None, runs) as current:
        runs.lose([gone])

        assert (stale.cancelled, stale.lost, current.cancelled) == (True, True, False)
    assert losses == [1]


def test_what_was_lost_before_it_began_begins_as_lost_and_its_successor_does_not(runs: Runs) -> None:
    gone, next_one = delivery(fence=3), delivery(fence=3)
    runs.lose([gone])

    with Run(gone, None, runs) as lost, Run(next_one, None, runs) as current:
        assert (lost.lost, current.lost) == (True, False)


def test_a_run_that_is_over_is_not_stopped_any_more(runs: Runs, losses: list[int]) -> None:
    with Run(delivery(), None, runs) as run:
        pass

    runs.cancel({"1"})
    run.lose()

    assert (run.cancelled, run.lost, losses) == (False, False, [])


async def test_a_coroutine_is_interrupted_once_however_often_it_is_told(runs: Runs) -> None:
    interrupted = 0

    async def stubborn() -> None:
        nonlocal interrupted
        for _ in range(3):
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                interrupted += 1

    with Run(delivery(), None, runs):
        stopping = asyncio.get_running_loop().run_in_executor(None, lambda: [runs.cancel({"1"}) for _ in range(100)])
        await giving_way(stubborn())
        await stopping

    assert interrupted == 1
