"""The tasks that show what can happen to a task."""

import time

import pytest
from pydantic import ValidationError

from heavylift import PermanentError, TemporaryError
from heavylift.context import Progress
from heavylift.registry import load_registry
from heavylift.testing import FakeAsyncContext
from heavylift_tasks.demo import Anything, Pause, Slept, Sum, Trouble, add, echo, fail, sleep


def test_two_numbers_are_added_and_whole_numbers_stay_whole() -> None:
    assert repr(add(Sum(a=2, b=3))) == "5"
    assert add(Sum(a=0.5, b=1)) == 1.5


@pytest.mark.parametrize("value", [None, True, 7, "seven", [1, [2]], {"a": {"b": None}}], ids=repr)
def test_whatever_comes_in_is_echoed(value: object) -> None:
    arguments = echo.arguments(value)

    assert echo.function(*arguments) == value
    assert arguments == (Anything(value),)


async def test_a_pause_takes_its_time() -> None:
    start = time.monotonic()

    assert await sleep(Pause(seconds=0.05), FakeAsyncContext()) == Slept(seconds=0.05)
    assert time.monotonic() - start >= 0.05


async def test_a_pause_says_how_far_it_is() -> None:
    context = FakeAsyncContext()

    await sleep(Pause(seconds=0.6), context)

    assert [progress.total for progress in context.progressed] == [0.6] * 3
    assert context.progressed[0] == Progress(0.0, 0.6, "0.0 of 0.6 s")
    assert context.progressed[-1].done == 0.6


@pytest.mark.parametrize("seconds", [-1, 3601, float("inf"), float("nan")])
def test_a_pause_is_an_hour_at_most(seconds: float) -> None:
    with pytest.raises(ValidationError):
        Pause(seconds=seconds)


def test_a_failure_is_of_the_sort_that_is_asked_for() -> None:
    with pytest.raises(PermanentError, match="no such luck"):
        fail(Trouble(error="permanent", message="no such luck"))
    with pytest.raises(TemporaryError, match="failed on purpose") as temporary:
        fail(Trouble(error="temporary", delay=2.5))
    with pytest.raises(RuntimeError):
        fail(Trouble())
    assert temporary.value.delay == 2.5


def test_a_worker_finds_every_shipped_task_through_the_entry_point() -> None:
    kinds = {handler.kind.name: handler.kind for handler in load_registry()}

    shipped = {"demo.add", "demo.echo", "demo.fail", "demo.sleep", "image.thumbnails", "mail.send", "mail.welcome"}
    assert shipped <= kinds.keys()
    assert all(kinds[name].description for name in shipped)
