"""A task leaves the hand of its worker: it is over, tried again, or given back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from heavylift.history import fate_of, said_of
from heavylift.outcome import Cancelled, Failed, Outcome, Retry, Succeeded
from heavylift.state import State
from heavylift.store.calls.call import Call, Limits, failure_text, flags, keeping, milliseconds


@dataclass(frozen=True, slots=True)
class Ended:
    """A task that its worker is through with: the outcome, and the fence under which it was held."""

    id: str
    fence: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Complete(Call[tuple[bool, ...]]):
    """running → succeeded | failed | cancelled, for all that ended together. False where the fence is stale."""

    script = "complete"
    ended: tuple[Ended, ...]

    def arguments(self, limits: Limits) -> list[str]:
        arguments = keeping(limits)
        for task in self.ended:
            arguments += (task.id, str(task.fence), *_ending(task.outcome))
        return arguments

    def parse(self, reply: Any) -> tuple[bool, ...]:
        return flags(reply)


@dataclass(frozen=True, slots=True)
class Reschedule(Call[tuple[bool, ...]]):
    """running → scheduled, for all whose attempt failed and is followed by another. False where the fence is stale."""

    script = "retry"
    ended: tuple[Ended, ...]

    def arguments(self, limits: Limits) -> list[str]:
        arguments = keeping(limits)
        for task in self.ended:
            assert isinstance(task.outcome, Retry)  # noqa: S101  the type of the field cannot say it
            again, error = task.outcome, task.outcome.error
            pause, told = str(milliseconds(again.delay)), (fate_of(again), said_of(error))
            arguments += (task.id, str(task.fence), pause, failure_text(error), again.payload, *told)
        return arguments

    def parse(self, reply: Any) -> tuple[bool, ...]:
        return flags(reply)


@dataclass(frozen=True, slots=True)
class Release(Call[tuple[bool, ...]]):
    """running → queued, given back unharmed: pairs of id and fence. False where the fence is stale.

    A task whose cancellation was asked for ends as cancelled instead.
    """

    script = "release"
    held: tuple[tuple[str, int], ...]

    def arguments(self, limits: Limits) -> list[str]:
        return [*keeping(limits), *(value for id_, fence in self.held for value in (id_, str(fence)))]

    def parse(self, reply: Any) -> tuple[bool, ...]:
        return flags(reply)


def conclusions_of(ended: Sequence[Ended]) -> list[Call[tuple[bool, ...]]]:
    """The calls that carry these ends to the store, in the order of ``split``."""
    over, again = split(ended)
    calls: list[Call[tuple[bool, ...]]] = []
    if over:
        calls.append(Complete(over))
    if again:
        calls.append(Reschedule(again))
    return calls


def split(ended: Iterable[Ended]) -> tuple[tuple[Ended, ...], tuple[Ended, ...]]:
    """What is over, and what is tried again."""
    everything = tuple(ended)
    again = tuple(task for task in everything if isinstance(task.outcome, Retry))
    return tuple(task for task in everything if not isinstance(task.outcome, Retry)), again


def _ending(outcome: Outcome) -> tuple[str, ...]:
    match outcome:
        case Succeeded(result):
            return State.SUCCEEDED, result
        case Failed(error, reason):
            return State.FAILED, failure_text(error), reason, error.fingerprint, said_of(error)
        case Cancelled():
            return (State.CANCELLED,)
        case Retry():
            raise TypeError("a retry is rescheduled, not completed")
