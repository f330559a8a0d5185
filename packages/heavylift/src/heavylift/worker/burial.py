"""What the end of a child means for what it held: whether it is to blame, and for which task. Pure."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from heavylift.record import Executor
from heavylift.worker.deaths import OUT_OF_MEMORY, STOPPED, Death, Reason, of_status
from heavylift.worker.nursery_news import Died
from heavylift.worker.seats import Seat
from heavylift.worker.slots import Running


@dataclass(frozen=True, slots=True)
class Dead:
    """A consumer that is gone, and whose tasks are to be handed on.

    ``ran`` is what its row in the slots named, ``overdue`` is what ran too long, so that the child was ended; then it is over.
    """

    consumer: str
    death: Death
    blame: bool = False
    ran: Running | None = None
    overdue: Running | None = None


def bury(news: Died, seat: Seat, running: Running | None, *, oom_killed: Callable[[], bool]) -> Dead:
    """Judge the end of the child that sat in ``seat`` and ran ``running``. ``oom_killed`` is asked of a SIGKILL of others."""
    assert seat.consumer is not None  # noqa: S101  a child is forked for a consumer
    death = _death(news, seat, oom_killed)
    overdue = seat.overdue if death.reason is Reason.TIME_LIMIT else None
    between_tasks = seat.executor is Executor.PROCESS and running is None
    return Dead(seat.consumer, death, death.blames and not between_tasks, running, overdue)


def _death(news: Died, seat: Seat, oom_killed: Callable[[], bool]) -> Death:
    killed = news.by(signal.SIGKILL)
    if killed and seat.condemned is not None:
        return seat.condemned
    if news.by(signal.SIGTERM) and seat.told:  # it was told before it had a handler, and so before it had anything in hand
        return STOPPED
    if killed and oom_killed():
        return OUT_OF_MEMORY
    return of_status(news.status)
