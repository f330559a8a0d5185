"""What the end of a child means for what it held: whether it is to blame, and for which task. Pure."""

import signal
from dataclasses import dataclass

from heavylift.outcome import Failed, Failure
from heavylift.record import Executor
from heavylift.store.calls import Ended
from heavylift.worker.nursery import Died
from heavylift.worker.seats import Seat
from heavylift.worker.slots import Running


@dataclass(frozen=True, slots=True)
class Dead:
    """A consumer that is gone, and whose tasks are to be handed on.

    ``accident``: it should have lived. ``ran``: the task that its row in the slots named, '' when it named none. ``overdue``: the
    end of the task because of which the child was ended.
    """

    consumer: str
    cause: str
    accident: bool = False
    blame: bool = False
    ran: str = ""
    overdue: Ended | None = None


def bury(news: Died, seat: Seat, running: Running | None, *, draining: bool, killing: bool) -> Dead:
    """Judge the end of the child that sat in ``seat`` and ran ``running``."""
    assert seat.consumer is not None  # noqa: S101  a child is forked for a consumer
    if seat.overdue is not None:
        return Dead(seat.consumer, "its task ran too long", overdue=_timed_out(seat.overdue))
    accident = not (news.clean or killing or (draining and news.by(signal.SIGTERM)))
    between_tasks = seat.executor is Executor.PROCESS and running is None
    return Dead(
        seat.consumer,
        _cause(news, accident=accident),
        accident=accident,
        blame=accident and not between_tasks,
        ran=running.task_id if running else "",
    )


def _timed_out(running: Running) -> Ended:
    seconds = running.deadline - running.since
    message = f"the task did not end within {seconds:g} s; the child that ran it was ended"
    return Ended(running.task_id, running.fence, Failed(Failure("TaskTimeout", message, retryable=True)))


def _cause(news: Died, *, accident: bool) -> str:
    if news.clean:
        return "it left"
    return f"the child was {news.cause}" if accident else "the worker was stopped"
