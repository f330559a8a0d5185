"""What happened in a campaign, as values: what was asked, what ran, what Redis wrote down, and what was done to whom."""

from dataclasses import dataclass, field
from enum import StrEnum

from heavylift.state import State


class Answer(StrEnum):
    """What a submitter knows of its submission."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"  #: Redis answered, and did not take it.
    UNKNOWN = "unknown"  #: No answer came: the task may exist.


@dataclass(frozen=True, slots=True)
class Ask:
    """One task that somebody asked for, by a token that its payload carries. ``may_end``: every end that is in order."""

    token: str
    may_end: frozenset[State]
    answer: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Birth:
    """A record came to be. One that is ``inherited`` came from another server, with all that had become of it there."""

    task: str
    token: str
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A record was written with this state, under this fence. ``at``: when, in seconds since the epoch, for an end."""

    task: str
    state: State
    fence: int
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A run of a task's function, by the fence under which it was claimed."""

    task: str
    fence: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a function. Times are seconds of the journal's clock; ``ended`` is None when it never came to its end."""

    held: Held
    pid: int
    began: float
    ended: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a run did once, by name: that it was done, or that Redis wrote down that it was."""

    task: str
    fence: int
    name: str


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault that was struck, from ``at`` until it was undone.

    ``proof`` says in words how it is known to have hit; it is empty for a miss. ``cut`` are the runs that it took out of their
    worker's hands. ``recovery`` is in seconds where the fault itself knows it. ``complaint`` is what must not be, in words.
    One that ``takes_back`` may undo what was committed and not replicated.
    """

    fault: str
    at: float
    until: float
    proof: str
    cut: tuple[Held, ...] = ()
    recovery: float | None = None
    complaint: str = ""
    takes_back: bool = False

    @property
    def hit(self) -> bool:
        """Whether there is proof that work was running where it struck."""
        return bool(self.proof)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the store's statistics say at the end, over all queues."""

    submitted: int
    succeeded: int
    failed: int
    cancelled: int
    expired: int

    @property
    def ended(self) -> int:
        """Tasks that are over."""
        return self.succeeded + self.failed + self.cancelled + self.expired


@dataclass(frozen=True, slots=True)
class Chronicle:
    """What one server wrote down of records, in the order of writing."""

    births: tuple[Birth, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A whole campaign. ``births`` and ``moves`` are in the order of writing; ``leftovers`` is what must not be left.

    ``done`` are the effects that were brought about, ``recorded`` those that Redis wrote down. Where there were several servers,
    what survived is that of the last primary, and ``others`` have what each of the others wrote.
    """

    asks: tuple[Ask, ...] = ()
    births: tuple[Birth, ...] = ()
    moves: tuple[Move, ...] = ()
    runs: tuple[Run, ...] = ()
    done: tuple[Effect, ...] = ()
    recorded: tuple[Effect, ...] = ()
    blows: tuple[Blow, ...] = ()
    counts: Counts = field(default_factory=lambda: Counts(0, 0, 0, 0, 0))
    leftovers: tuple[str, ...] = ()
    others: tuple[Chronicle, ...] = ()
