"""What happened in a trial, as values: what was asked and answered, what was seen from outside, what ran, how it ended."""

from dataclasses import dataclass, field

from tests.chaos.history import Answer, Counts, Run


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a task. Times are seconds since the epoch; ``said`` is the status or the error in words."""

    began: float
    ended: float
    answer: Answer
    said: str
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client did to have one task done: it asks, and asks once more, as it was told to, when that was in vain."""

    requests: tuple[Request, ...]

    @property
    def accepted(self) -> bool:
        """Whether it was taken in the end."""
        return self.requests[-1].answer is Answer.ACKNOWLEDGED


@dataclass(frozen=True, slots=True)
class End:
    """The end of a task as the API tells it. ``ended_at`` is its text."""

    task: str
    state: str
    ended_at: str


@dataclass(frozen=True, slots=True)
class History:
    """A whole trial. ``sightings`` are ends that clients saw meanwhile, ``ends`` those that stand at last, ``live`` tasks without
    one. ``struck`` is when the fault began; ``counts`` is by how much the store's counters went up."""

    submissions: tuple[Submission, ...] = ()
    sightings: tuple[End, ...] = ()
    ends: tuple[End, ...] = ()
    live: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    counts: Counts = field(default_factory=lambda: Counts(0, 0, 0, 0, 0))
    struck: float = 0.0

    @property
    def requests(self) -> tuple[Request, ...]:
        """All of them."""
        return tuple(request for submission in self.submissions for request in submission.requests)
