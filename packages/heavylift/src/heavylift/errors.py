"""Every error that Heavylift raises on purpose.

Each class is one sentence of English: the docstring is the default message. ``retryable`` says whether the same call may
succeed later without anything being changed; it is the only thing that a retry loop needs to ask.
"""

from typing import ClassVar


class HeavyliftError(Exception):
    """Something went wrong inside Heavylift."""

    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or type(self).__name__).strip().splitlines()[0])


class StoreUnavailable(HeavyliftError):
    """Redis cannot be reached or does not answer in time."""

    retryable = True


class PrimaryAwaited(StoreUnavailable):
    """The sentinels hold the primary for dead and are about to name another."""


class NotReplicated(StoreUnavailable):
    """Redis has recorded it and no replica has confirmed it in time; it may exist, and repeating it with its id is safe."""


class StoreRefused(HeavyliftError):
    """Redis answered, and refused the call."""

    retryable = True


class QueueFull(HeavyliftError):
    """As many tasks wait in the queue as may.

    ``waiting`` of them do where ``limit`` may, and in ``retry_after`` seconds there may be room.
    """

    retryable = True

    def __init__(
        self, message: str | None = None, *, queue: str = "", limit: int = 0, waiting: int = 0, retry_after: int = 0
    ) -> None:
        super().__init__(message)
        self.queue = queue
        self.limit = limit
        self.waiting = waiting
        self.retry_after = retry_after


class LeaseLost(HeavyliftError):
    """This consumer was declared dead; what it had in hand has been handed on."""


class WorkerRests(HeavyliftError):
    """This worker was told to take nothing more for a while."""

    retryable = True


class TaskNotFound(HeavyliftError):
    """No task has this id: it never existed, or its record has been kept for its time and is gone."""


class UnknownKind(HeavyliftError):
    """No worker has published a kind of this name."""


class KindConflict(HeavyliftError):
    """Two functions claim the same kind name."""


class HandlerInvalid(HeavyliftError):
    """The function cannot be a task: its payload or its result is not described by a type."""


class PayloadInvalid(HeavyliftError):
    """The payload does not fit its kind."""


class Undecodable(HeavyliftError):
    """What was submitted cannot be read."""


class ObjectGone(Undecodable):
    """The object that holds a payload or a result is not in the object store any more."""


class ObjectAltered(Undecodable):
    """The object that holds a payload or a result is not the one that was put away."""


class ObjectsUnavailable(HeavyliftError):
    """The object store cannot be reached, does not answer in time, or refuses what is asked of it."""

    retryable = True


class ResultInvalid(HeavyliftError):
    """The function returned something that cannot be written as JSON."""


class ConfigurationInvalid(HeavyliftError):
    """The settings contradict each other or cannot be used here."""


class TaskTimeout(HeavyliftError):
    """The task ran longer than its timeout."""

    retryable = True


class TaskCancelled(HeavyliftError):
    """The task gives way to a request to cancel it.

    Raise it from a task that is to stop; it then ends as cancelled. From one that nobody called off it is a failure.
    """


class TaskLost(TaskCancelled):
    """This worker has lost the task: another runs it by now, and nothing of this run counts."""


class CheckpointInvalid(HeavyliftError):
    """The checkpoint cannot be kept: it is no JSON, or too much of it."""


class OutsideTask(HeavyliftError):
    """No task runs here, so there is no context: in a test, call the function with one of heavylift.testing."""


class PermanentError(HeavyliftError):
    """The task failed in a way that another attempt cannot mend.

    Raise it from a task to end the task as failed at once, whatever its retry policy says.
    """


class TemporaryError(HeavyliftError):
    """The task failed in a way that another attempt may mend.

    Raise it from a task to ask for another attempt, in ``delay`` seconds where it is given and after the backoff of the
    retry policy otherwise. The number of attempts stays limited by the policy.
    """

    retryable = True

    def __init__(self, message: str | None = None, *, delay: float | None = None) -> None:
        super().__init__(message)
        self.delay = delay
