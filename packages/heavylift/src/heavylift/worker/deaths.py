"""Why a child ended, as a value. Pure."""

import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """The kinds of ends, by the words that metrics and events use."""

    LEFT = "left"  #: It was asked to go, or was old enough.
    STOPPED = "stopped"  #: Its worker was stopped before it was through.
    SIGNAL = "signal"  #: A signal that nobody here sent, a segmentation fault for example.
    EXIT = "exit"  #: It exited in the middle of its work.
    OOM = "oom"  #: The kernel ended it because its cgroup had no memory left.
    MEMORY_LIMIT = "memory_limit"  #: It grew beyond its memory limit, and its guardian ended it.
    TIME_LIMIT = "time_limit"  #: Its task did not end within its time limit, and its guardian ended it.
    CANCELLED = "cancelled"  #: Its task was called off and did not stop, and its guardian ended it.
    STALE = "stale"  #: It had lost its task, which did not stop, and its guardian ended it.
    NURSERY = "nursery"  #: The process that forks children died, and its children with it.


_ORDERLY: Final = frozenset({Reason.LEFT, Reason.STOPPED, Reason.CANCELLED, Reason.STALE})
_BLAMING: Final = frozenset({Reason.SIGNAL, Reason.EXIT, Reason.OOM, Reason.MEMORY_LIMIT})


@dataclass(frozen=True, slots=True)
class Death:
    """The end of a child. ``words`` say it to people, in the record of what it ran and in the log."""

    reason: Reason
    words: str

    @property
    def accident(self) -> bool:
        """Whether it should have lived."""
        return self.reason not in _ORDERLY

    @property
    def blames(self) -> bool:
        """Whether what it ran may have brought it about, so that it counts against that task."""
        return self.reason in _BLAMING


LEFT: Final = Death(Reason.LEFT, "the child left")
UNBORN: Final = Death(Reason.LEFT, "the child could not be started")
STOPPED: Final = Death(Reason.STOPPED, "the worker was stopped")
CALLED_OFF: Final = Death(Reason.CANCELLED, "the task was called off and did not stop; the child that ran it was ended")
STALE: Final = Death(Reason.STALE, "the child ran a task that it had lost, and was ended")
OUT_OF_MEMORY: Final = Death(Reason.OOM, "the child was killed by the kernel because the memory of its cgroup was used up")
ORPHANED: Final = Death(Reason.NURSERY, "the process that forks children died, and its children with it")


def of_status(status: int) -> Death:
    """The death that a wait status tells of, as far as it does."""
    if status == 0:
        return LEFT
    if os.WIFSIGNALED(status):
        return Death(Reason.SIGNAL, f"the child was killed by {_name(os.WTERMSIG(status))}")
    return Death(Reason.EXIT, f"the child exited with code {os.waitstatus_to_exitcode(status)}")


def over_time(seconds: float) -> Death:
    """The task did not end within ``seconds``."""
    return Death(Reason.TIME_LIMIT, f"the task did not end within {seconds:g} s; the child that ran it was ended")


def over_memory(mebibytes: int) -> Death:
    """The child had more than this many MiB of resident memory."""
    return Death(Reason.MEMORY_LIMIT, f"the child was ended because it grew beyond its memory limit of {mebibytes} MiB")


def _name(number: int) -> str:
    return signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"
