"""Orders on their way from the guardian to its children."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from heavylift.worker.orders import LARGEST, Line, Order, Switchboard
from heavylift.worker.slots import Running
from heavylift.worker.stops import Stops
from tests.support.eventually import eventually


@pytest.fixture
def switchboard() -> Iterator[Switchboard]:
    with closing(Switchboard()) as made:
        yield made


@pytest.fixture
def connect(switchboard: Switchboard) -> Iterator[Callable[[str], Line]]:
    """Hand in the line of a consumer, as its child would, and have it taken."""
    with ExitStack() as opened:
        lines: dict[str, Line] = {}

        def connect(consumer: str) -> Line:
            lines[consumer] = opened.enter_context(closing(switchboard.connect(consumer)))
            switchboard.look_after(lines)
            return lines[consumer]

        yield connect


def test_an_order_reaches_the_child_that_it_is_meant_for(switchboard: Switchboard, connect: Callable[[str], Line]) -> None:
    first, second = connect("w/1"), connect("w/2")

    switchboard.give("w/2", Order(cancel=("a", "b")))
    switchboard.give("w/1", Order(lost=True))

    assert first.receive() == Order(lost=True)
    assert second.receive() == Order(cancel=("a", "b"))


def test_a_child_that_is_forked_later_hands_in_a_line_too(switchboard: Switchboard) -> None:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, switchboard.connect("child").receive().cancel[0].encode())
        os._exit(0)

    def order() -> bool:
        switchboard.look_after(["child"])
        switchboard.give("child", Order(cancel=("heard",)))
        return os.waitpid(pid, os.WNOHANG)[0] == pid

    eventually(order, claim="that the child hears an order")
    assert os.read(read, 100) == b"heard"
    os.close(read)
    os.close(write)


def test_many_tasks_are_named_in_several_orders(switchboard: Switchboard, connect: Callable[[str], Line]) -> None:
    line = connect("w/1")
    ids = tuple(f"task-{number}" for number in range(2 * LARGEST + 1))

    switchboard.give("w/1", Order(cancel=ids))

    assert sum((line.receive().cancel for _ in range(3)), ()) == ids


def test_nobody_waits_for_a_child_that_does_not_listen_or_is_gone(
    switchboard: Switchboard, connect: Callable[[str], Line]
) -> None:
    connect("deaf")
    for _ in range(10_000):
        switchboard.give("deaf", Order(cancel=("x" * 200,) * LARGEST))

    switchboard.look_after([])

    switchboard.give("deaf", Order(lost=True))
    switchboard.give("unknown", Order(lost=True))


def test_a_task_has_its_grace_from_the_first_time_that_it_was_to_stop() -> None:
    stops, running = Stops(grace=0.2), Running("1", 1, since=0.0)
    stops.cancel(0, running)

    assert stops.overdue(0, running) is None
    death = eventually(lambda: [stops.cancel(0, running), stops.overdue(0, running)][1], within=1, claim="the end of the grace")
    assert death is not None
    assert death.reason == "cancelled"
    assert not death.blames


def test_what_a_child_runs_after_the_task_that_was_to_stop_is_left_alone() -> None:
    stops = Stops(grace=0.0)
    stops.give_up(0, Running("1", 1, since=0.0))

    assert stops.overdue(0, Running("1", 2, since=0.0)) is None
    assert stops.overdue(0, Running("2", 1, since=0.0)) is None
    assert stops.overdue(1, Running("1", 1, since=0.0)) is None
    assert stops.overdue(0, Running("1", 1, since=0.0)) is not None
