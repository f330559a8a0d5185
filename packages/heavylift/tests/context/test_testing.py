"""What an application's unit tests can do with a context."""

import asyncio
import time
from typing import Any

import pytest
from pydantic import BaseModel

from heavylift import AsyncContext, Context, TaskCancelled, TaskLost, current_async_context, current_context, task
from heavylift.context import Progress
from heavylift.context.awaited import giving_way
from heavylift.errors import CheckpointInvalid, OutsideTask, ResultInvalid
from heavylift.testing import FakeAsyncContext, FakeContext


class Rows(BaseModel):
    count: int


@task
def copy_rows(payload: Rows, context: Context) -> int:
    """Copies rows, from where it left off, and sends one mail about it."""
    copied = 0
    for row in range((context.last_checkpoint or {"row": 0})["row"], payload.count):
        context.raise_if_cancelled()
        copied += 1
        context.progress(row + 1, payload.count, f"row {row + 1}")
        context.checkpoint({"row": row + 1})
    context.once("mail", lambda: {"sent": copied})
    return copied


@task
async def copy_rows_async(payload: Rows, context: AsyncContext) -> int:
    for row in range(payload.count):
        await context.checkpoint(row)
    return await context.once("count", lambda: _answer(payload.count))


async def _answer(value: int) -> int:
    await asyncio.sleep(0)
    return value


def test_a_task_is_called_with_a_context_and_says_afterwards_what_it_did_with_it() -> None:
    context = FakeContext()

    assert copy_rows(Rows(count=2), context) == 2

    assert context.progressed == [Progress(1, 2, "row 1"), Progress(2, 2, "row 2")]
    assert context.checkpoints == [{"row": 1}, {"row": 2}]
    assert context.effects == {"mail": {"sent": 2}}


def test_a_context_may_come_from_a_run_before() -> None:
    context = FakeContext(attempt=2, last_checkpoint={"row": 3}, effects={"mail": {"sent": 3}})

    assert copy_rows(Rows(count=4), context) == 1

    assert context.effects == {"mail": {"sent": 3}}


def test_a_task_that_is_called_off_gives_way() -> None:
    context = FakeContext()
    context.cancel()

    with pytest.raises(TaskCancelled) as raised:
        copy_rows(Rows(count=2), context)

    assert not isinstance(raised.value, TaskLost)
    assert context.checkpoints == []


def test_a_task_that_is_lost_can_keep_nothing() -> None:
    context = FakeContext()
    context.lose()

    assert (context.cancelled, context.lost) == (True, True)
    with pytest.raises(TaskLost):
        context.checkpoint(1)
    with pytest.raises(TaskLost):
        context.once("mail", lambda: None)
    with pytest.raises(TaskLost):
        context.raise_if_cancelled()


async def test_a_coroutine_awaits_what_speaks_with_the_store() -> None:
    context = FakeAsyncContext()

    assert await copy_rows_async(Rows(count=3), context) == 3

    assert (context.checkpoints, context.effects) == ([0, 1, 2], {"count": 3})


async def test_a_coroutine_is_interrupted_once_and_what_comes_after_it_is_not() -> None:
    context = FakeAsyncContext()
    interrupted = 0

    async def wait() -> str:
        nonlocal interrupted
        context.cancel()
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            interrupted += 1
        return "swallowed"

    with context.running():
        assert await giving_way(wait()) == "swallowed"
    context.cancel()
    await asyncio.sleep(0)

    assert interrupted == 1


async def test_what_was_called_off_before_it_began_is_interrupted_at_its_first_wait() -> None:
    context = FakeAsyncContext()
    context.cancel()

    with context.running(), pytest.raises(asyncio.CancelledError):
        await giving_way(asyncio.sleep(10))


def test_code_that_is_no_handler_finds_the_context_of_its_task() -> None:
    context = FakeContext(task_id="7")

    with context.running():
        assert (current_context().task_id, current_async_context().task_id) == ("7", "7")
    with pytest.raises(OutsideTask, match="no context"):
        current_context()


def test_an_effect_is_done_once_however_often_it_is_asked_for_and_returns_what_json_gives_back() -> None:
    context, calls = FakeContext(), list[int]()

    def effect() -> tuple[int, ...]:
        calls.append(1)
        return (1, 2)

    assert [context.once("pair", effect), context.once("pair", effect)] == [[1, 2], [1, 2]]
    assert calls == [1]


def test_an_effect_that_fails_is_not_done() -> None:
    context = FakeContext()

    with pytest.raises(ZeroDivisionError):
        context.once("divide", lambda: 1 / 0)

    assert context.once("divide", lambda: 2) == 2


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (object(), "the checkpoint cannot be written as JSON: Object of type object is not JSON serializable"),
        (float("nan"), "the checkpoint cannot be written as JSON"),
        ("ä" * 20_000, r"the checkpoint has 120,002 bytes of JSON; 65,536 are allowed: keep it elsewhere and its address here"),
    ],
)
def test_a_checkpoint_that_cannot_be_kept_is_refused_in_a_sentence(value: Any, words: str) -> None:
    with pytest.raises(CheckpointInvalid, match=words):
        FakeContext().checkpoint(value)


def test_the_largest_checkpoint_is_kept() -> None:
    context = FakeContext()

    context.checkpoint("x" * (64 * 1024 - 2))

    assert len(context.checkpoints) == 1


def test_an_effect_whose_result_is_no_json_is_refused_by_its_name() -> None:
    with pytest.raises(ResultInvalid, match="what the effect 'mail' returned cannot be written as JSON"):
        FakeContext().once("mail", object)


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_an_effect_has_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="has 1 to 200 characters"):
        FakeContext().once(name, lambda: 1)


@pytest.mark.parametrize(
    ("done", "total", "words"),
    [
        (-1, None, "done is a finite number and not negative, not -1"),
        (float("inf"), None, "done is a finite"),
        (1, float("nan"), "total is a finite"),
        (1, -5, "total is a finite"),
    ],
)
def test_progress_that_makes_no_sense_is_refused(done: float, total: float | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FakeContext().progress(done, total)


def test_a_long_message_is_cut() -> None:
    context = FakeContext()

    context.progress(1, message="x" * 501)

    assert context.progressed[0].message == "x" * 499 + "…"


def test_a_task_knows_the_seconds_that_are_left() -> None:
    assert FakeContext().seconds_left is None
    assert 9 < (FakeContext(deadline=time.monotonic() + 10).seconds_left or 0) <= 10
    assert FakeContext(deadline=time.monotonic() - 1).seconds_left == 0.0
