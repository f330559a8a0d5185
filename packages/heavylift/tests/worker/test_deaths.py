"""Why a child ended, and what that means for what it held."""

import signal

import pytest

from heavylift.record import Executor
from heavylift.worker.burial import bury
from heavylift.worker.deaths import ORPHANED, OUT_OF_MEMORY, STOPPED, Death, Reason, of_status, over_memory, over_time
from heavylift.worker.nursery_news import Died
from heavylift.worker.seats import Seat
from heavylift.worker.slots import Running

RUNNING = Running("a task", 3, since=100.0, deadline=107.5)
EXITED = 70 << 8  # the wait status of an exit with code 70


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (0, Reason.LEFT, "the child left"),
        (signal.SIGSEGV, Reason.SIGNAL, "the child was killed by SIGSEGV"),
        (signal.SIGRTMIN + 5, Reason.SIGNAL, f"the child was killed by signal {signal.SIGRTMIN + 5}"),
        (EXITED, Reason.EXIT, "the child exited with code 70"),
    ],
)
def test_a_wait_status_is_read_as_a_death(status: int, reason: Reason, words: str) -> None:
    assert of_status(status) == Death(reason, words)


def seat(executor: Executor = Executor.PROCESS, **fields: object) -> Seat:
    return Seat(0, executor, consumer="w/0.1", pid=7, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sat", "status", "oom", "reason"),
    [
        (seat(), signal.SIGKILL, False, Reason.SIGNAL),
        (seat(), signal.SIGKILL, True, Reason.OOM),
        (seat(), signal.SIGSEGV, True, Reason.SIGNAL),  # the kernel ends by SIGKILL and by nothing else
        (seat(condemned=STOPPED), signal.SIGKILL, True, Reason.STOPPED),
        (seat(condemned=over_memory(64)), signal.SIGKILL, True, Reason.MEMORY_LIMIT),
        (seat(condemned=over_time(7.5), overdue=RUNNING), signal.SIGKILL, False, Reason.TIME_LIMIT),
        (seat(condemned=over_time(7.5), overdue=RUNNING), EXITED, False, Reason.EXIT),  # it was faster than our signal
        (seat(condemned=STOPPED), 0, False, Reason.LEFT),
        (seat(told=True), signal.SIGTERM, False, Reason.STOPPED),
        (seat(), signal.SIGTERM, False, Reason.SIGNAL),
    ],
)
def test_what_the_guardian_did_itself_it_does_not_hold_for_an_accident(sat: Seat, status: int, oom: bool, reason: Reason) -> None:
    dead = bury(Died(0, 7, status), sat, RUNNING, oom_killed=lambda: oom)

    assert dead.death.reason is reason
    assert (dead.overdue is not None) == (reason is Reason.TIME_LIMIT)


@pytest.mark.parametrize(
    ("death", "accident", "blames"),
    [
        (of_status(0), False, False),
        (STOPPED, False, False),
        (of_status(signal.SIGKILL), True, True),
        (of_status(EXITED), True, True),
        (OUT_OF_MEMORY, True, True),
        (over_memory(64), True, True),
        (over_time(7.5), True, False),  # the task is over as a timeout; it is not also counted as a death
        (ORPHANED, True, False),
    ],
)
def test_a_task_is_blamed_for_deaths_that_it_may_have_brought_about(death: Death, accident: bool, blames: bool) -> None:
    assert (death.accident, death.blames) == (accident, blames)


@pytest.mark.parametrize(
    ("executor", "running", "blame"),
    [
        (Executor.PROCESS, RUNNING, True),
        (Executor.PROCESS, None, False),  # between two tasks
        (Executor.ASYNCIO, None, True),  # which of several it was nobody knows, and the store finds out
    ],
)
def test_a_child_that_runs_one_task_and_died_between_two_blames_none(
    executor: Executor, running: Running | None, blame: bool
) -> None:
    dead = bury(Died(0, 7, signal.SIGKILL), seat(executor), running, oom_killed=lambda: False)

    assert (dead.blame, dead.ran) == (blame, running)


def test_the_first_reason_to_end_a_child_is_the_one_that_holds() -> None:
    sat = seat()

    sat.condemn(over_time(7.5), RUNNING)
    sat.condemn(STOPPED)

    assert (sat.condemned, sat.overdue) == (over_time(7.5), RUNNING)
