"""When a child is ended, and when it is replaced."""

import signal

import pytest

from heavylift.record import Executor
from heavylift.worker.deaths import over_memory, over_time
from heavylift.worker.dismissal import Dismissal
from heavylift.worker.seating import Seating
from heavylift.worker.seats import Seat, Seats
from heavylift.worker.slots import Running, Slots
from heavylift.worker.stops import Stops
from heavylift.worker.warden import EVERY, Bounds, Warden

TWO_OF_EACH = Seating((Executor.PROCESS, Executor.PROCESS, Executor.ASYNCIO, Executor.ASYNCIO))


class Hearer:
    """Stands where the nursery stands, and hears the signals that were asked for."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, signal.Signals]] = []

    def signal(self, pid: int, number: signal.Signals) -> None:
        self.heard.append((pid, number))


class Scene:
    """Children that all were born at 100 s, with pids of 1000 and their slot, and a clock that a test holds."""

    def __init__(self, bounds: Bounds) -> None:
        self.now = 100.0
        self.weights: dict[int, float] = {}
        self.nursery = Hearer()
        self.seats = Seats(TWO_OF_EACH, hostname="w")
        self.slots = Slots()
        for seat in self.seats:
            self.settle(seat)
        dismissal = Dismissal(self.nursery, self.seats)  # type: ignore[arg-type]
        weigh = lambda pid: self.weights.get(pid, 10.0)  # noqa: E731
        self.warden = Warden(self.seats, self.slots, dismissal, Stops(grace=5.0), bounds, weigh=weigh, clock=lambda: self.now)

    def settle(self, seat: Seat) -> None:
        seat.consumer, seat.pid, seat.since = self.seats.new_name(seat), 1000 + seat.slot, self.now

    def look(self, *, after: float = EVERY) -> list[tuple[int, signal.Signals]]:
        """What the warden asks for in one look, some seconds later."""
        self.now += after
        self.nursery.heard.clear()
        self.warden.look()
        return list(self.nursery.heard)

    def gone(self, slot: int) -> None:
        """The child of a slot has left, and the next sits in its place."""
        self.seats[slot].vacate(accident=False)
        self.settle(self.seats[slot])


def test_a_child_whose_task_is_beyond_its_deadline_is_ended_for_that() -> None:
    scene = Scene(Bounds())
    running = Running("a task", 1, since=95.0, deadline=101.0)
    scene.slots.begin(0, running)

    assert scene.look(after=0.9) == []
    assert scene.look(after=0.1) == [(1000, signal.SIGKILL)]
    assert (scene.seats[0].condemned, scene.seats[0].overdue) == (over_time(6.0), running)


def test_a_child_beyond_its_memory_limit_is_ended_for_that() -> None:
    scene = Scene(Bounds(memory=64))
    scene.weights = {1001: 64.0, 1002: 64.1}

    assert scene.look() == [(1002, signal.SIGKILL)]
    assert scene.seats[2].condemned == over_memory(64)


def test_a_child_that_has_grown_is_asked_to_leave_once() -> None:
    scene = Scene(Bounds(memory=64, memory_to_recycle=32))
    scene.weights = {1001: 40.0}

    assert scene.look() == [(1001, signal.SIGTERM)]
    assert scene.look() == []
    assert scene.seats[1].condemned is None


def test_a_child_that_grows_on_while_it_leaves_is_ended() -> None:
    scene = Scene(Bounds(memory=64, memory_to_recycle=32))
    scene.weights = {1001: 40.0}
    scene.look()
    scene.weights = {1001: 65.0}

    assert scene.look() == [(1001, signal.SIGKILL)]


def test_children_that_are_old_are_replaced_one_of_a_kind_at_a_time() -> None:
    scene = Scene(Bounds(age=60.0))

    assert scene.look(after=53.0) == []
    first = scene.look(after=14.0)
    assert len(first) == 2
    assert {scene.seats[pid - 1000].executor for pid, _ in first} == {Executor.PROCESS, Executor.ASYNCIO}
    assert scene.look() == []

    # When the old child of kind process is gone, the next of its kind may go
    scene.gone(first[0][0] - 1000)
    (second,) = scene.look()
    assert second[0] in {1000, 1001} - {first[0][0]}


def test_a_child_that_runs_many_side_by_side_has_its_successor_before_it_is_gone() -> None:
    scene = Scene(Bounds(memory_to_recycle=32))
    scene.weights = {1000: 40.0, 1002: 40.0}

    scene.look()

    assert [seat.executor for seat in scene.seats if seat.free] == [Executor.ASYNCIO]
    assert (scene.seats[0].closing, scene.seats[2].closing) == (False, True)


def test_a_child_that_has_begun_its_last_task_has_its_successor_too() -> None:
    scene = Scene(Bounds())
    scene.slots.leave(3)

    scene.look()
    scene.look()

    assert [seat.executor for seat in scene.seats if seat.free] == [Executor.ASYNCIO]


@pytest.mark.parametrize("bounds", [Bounds()])
def test_without_bounds_nobody_goes(bounds: Bounds) -> None:
    scene = Scene(bounds)
    scene.weights = dict.fromkeys(range(1000, 1004), 1e6)

    assert scene.look(after=1e6) == []
