"""Every error that a client raises on purpose. Each names the field and the fix where there is one.

Those that the library had before are caught under their names there, too: ``TaskNotFound``, ``UnknownKind``, ``PayloadInvalid``,
``StoreUnavailable``, ``StoreRefused`` and ``NotReplicated`` of ``heavylift.errors``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from heavylift.client.values.task import Task, TaskError
from heavylift.errors import (
    HeavyliftError,
    NotReplicated,
    PayloadInvalid,
    StoreRefused,
    StoreUnavailable,
    TaskNotFound,
    UnknownKind,
)
from heavylift.faults import Fault
from heavylift.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is told of a refusal besides its sentence.

    ``faults`` name each field that is wrong, ``near`` names that may have been meant, ``state`` the state of the task that is in
    the way. ``problem``, ``status`` and ``request_id`` are those of an answer over HTTP.
    """

    faults: tuple[Fault, ...] = ()
    near: tuple[str, ...] = ()
    state: State | None = None
    problem: str = ""
    status: int | None = None
    request_id: str | None = None


NOTHING = Said()


class Refused(HeavyliftError):
    """Heavylift understood the request, and refused it."""

    def __init__(self, message: str | None = None, said: Said = NOTHING) -> None:
        super().__init__(message)
        self.said = said

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Each fault by its field, where there are fields."""
        return self.said.faults

    @property
    def near(self) -> tuple[str, ...]:
        """Names that may have been meant, where a name is unknown."""
        return self.said.near

    @property
    def state(self) -> State | None:
        """The state that the task is in, where that is what is in the way."""
        return self.said.state


class RequestInvalid(Refused):
    """The request has fields that are wrong."""


class PayloadUnfit(Refused, PayloadInvalid):
    """The payload does not fit its kind."""


class KindUnknown(Refused, UnknownKind):
    """No worker has published a kind of this name."""


class TaskUnknown(Refused, TaskNotFound):
    """No task has this id: it never existed, or its record has been kept for its time and is gone."""


class BatchUnknown(Refused):
    """No batch has this id: it never existed, or its tasks have been kept for their time and are gone."""


class QueueUnknown(Refused):
    """No queue has this name: nothing waits in it, and nobody serves it."""


class PurgeOver(Refused):
    """The token confirms no purge of this queue, or its time is over: ask for another."""


class ScheduleUnknown(Refused):
    """No schedule has this name."""


class ScheduleChanged(Refused):
    """Somebody has changed the schedule meanwhile: read it again, and say what is to be of it now."""


class KeyUnknown(Refused):
    """No key has this id."""


class Unauthenticated(Refused):
    """A key is asked for here: give key=…, or set HEAVYLIFT_KEY or HEAVYLIFT_KEY_FILE."""


class ScopeMissing(Refused):
    """The key is good, and not for this."""


class IdTaken(Refused):
    """Another task has this id: give each task an id of its own, or leave it out."""


class KeyReused(Refused):
    """The idempotency key was used for another request: take a new one, or leave it out."""


class RequestInFlight(Refused):
    """A request under this idempotency key is not answered yet."""

    retryable = True


class TaskEnded(Refused):
    """The task has ended already."""


class NotWaiting(Refused):
    """The task does not wait for its time."""


class NotDead(Refused):
    """The task is no dead letter: only what has failed can be replayed or discarded."""


class TooLarge(Refused):
    """The request is larger than the service lets in: keep big inputs in a file store and send their address."""


class TooMany(Refused):
    """There is no room for more now."""

    retryable = True


class Unready(Refused, StoreUnavailable):
    """The service cannot reach its store now."""


class Overloaded(Refused, StoreRefused):
    """The store of the service does not take this now."""


class Unconfirmed(Refused, NotReplicated):
    """No replica has confirmed the task in time; it may exist, and repeating it with its id or key is safe."""


class OnlyOverHttp(HeavyliftError):
    """What operators do and look at goes through the API, which writes down who does what: make a client with its URL and key."""


class Unreachable(HeavyliftError):
    """Nothing answered in time."""

    retryable = True


class AnswerUnreadable(HeavyliftError):
    """What answered is not the API of Heavylift: look at the URL, and at what stands in front of it."""


class WaitOver(HeavyliftError, TimeoutError):
    """The task has not ended in the time that it was given."""

    retryable = True


class TaskUnsuccessful(HeavyliftError):
    """The task has ended without a result."""

    def __init__(self, task: Task) -> None:
        super().__init__(_sentence(task))
        self.task = task


class TaskFailed(TaskUnsuccessful):
    """The task failed: its last attempt did, or it may not be tried again."""

    @property
    def error(self) -> TaskError | None:
        """What went wrong in its last attempt."""
        return self.task.error


class TaskCalledOff(TaskUnsuccessful):
    """Somebody called the task off."""


class TaskExpired(TaskUnsuccessful):
    """The task did not start in the time that it was given."""


_BY_STATE = {State.FAILED: TaskFailed, State.CANCELLED: TaskCalledOff, State.EXPIRED: TaskExpired}


def unsuccessful(task: Task) -> TaskUnsuccessful:
    """The error that a task is which has ended without a result."""
    return _BY_STATE[task.state](task)


def faulty(faults: Sequence[Fault], kind: type[Refused] = RequestInvalid) -> Refused:
    """The error that names these faults."""
    return kind("; ".join(f"{fault.field}: {fault.message}" for fault in faults), Said(faults=tuple(faults)))


def _sentence(task: Task) -> str:
    told = f"the task {task.id} of the kind {task.kind} has ended as {task.state}"
    if task.error is None:
        return told
    return f"{told}: {task.error.type}" + (f": {task.error.message}" if task.error.message else "")
