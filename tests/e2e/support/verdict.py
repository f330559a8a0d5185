"""What a history means. Pure.

What goes in must come out: every acknowledged task ends, once, well. That a function runs more than once is allowed where its
worker died, and counted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from heavylift.state import State
from tests.chaos.history import Answer, Run
from tests.e2e.support.history import End, History


@dataclass(frozen=True, slots=True)
class Verdict:
    """The numbers, and the names of what must not be.

    Seconds: ``gap_accepted`` the longest time in which nothing was accepted, ``gap_started`` in which no function began, both
    after the fault; ``resumed`` the longest time until what the fault cut short had begun again. ``failed`` are requests that
    were not accepted, ``answers`` what was said instead, ``forsaken`` submissions that were not even at the second try.
    """

    acknowledged: int
    failed: int
    forsaken: int
    recovered: int
    runs: int
    cut: int
    repeated: int
    lost: tuple[str, ...]
    double_commits: tuple[str, ...]
    unexpected: tuple[str, ...]
    answers: tuple[str, ...]
    gap_accepted: float
    gap_started: float
    resumed: float | None

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, nothing committed twice, nothing happened that must not, and anything happened at all."""
        return self.acknowledged > 0 and not (self.lost or self.double_commits or self.unexpected)

    def numbers(self) -> dict[str, float | None]:
        """Everything as a number; of what must not be, how many."""
        values = {name: getattr(self, name) for name in Verdict.__slots__}
        return {name: len(value) if isinstance(value, tuple) else value for name, value in values.items()}


def judge(history: History) -> Verdict:
    """The verdict on a history that has come to rest."""
    acknowledged = {request.task for request in history.requests if request.answer is Answer.ACKNOWLEDGED and request.task}
    ended = {end.task for end in history.ends}
    accepted_at = [request.ended for request in history.requests if request.answer is Answer.ACKNOWLEDGED]
    cut = [run for run in history.runs if run.ended is None]
    return Verdict(
        acknowledged=len(acknowledged),
        failed=sum(request.answer is not Answer.ACKNOWLEDGED for request in history.requests),
        forsaken=sum(not submission.accepted for submission in history.submissions),
        recovered=len(ended - acknowledged),
        runs=len(history.runs),
        cut=len(cut),
        repeated=_repeated(history.runs),
        lost=tuple(sorted(acknowledged - ended)),
        double_commits=tuple(_double_commits(history)),
        unexpected=tuple(_unexpected(history)),
        answers=tuple(request.said for request in history.requests if request.answer is not Answer.ACKNOWLEDGED),
        gap_accepted=_gap(accepted_at, since=history.struck),
        gap_started=_gap([run.began for run in history.runs], since=history.struck),
        resumed=_resumed(cut, history),
    )


def _repeated(runs: Iterable[Run]) -> int:
    attempts = Counter((run.held.task, run.held.attempt) for run in runs)
    return sum(count - 1 for count in attempts.values())


def _double_commits(history: History) -> Iterable[str]:
    final = {end.task: end for end in history.ends}
    for seen in history.sightings:
        if final.get(seen.task) != seen:
            yield f"{seen.task} was seen {seen.state} at {seen.ended_at}, and in the end is {_described(final.get(seen.task))}"
    for state, counted in _ended(history).items():
        there = sum(end.state == state for end in history.ends)
        if counted > there:
            yield f"{counted} tasks ended {state}, say the counters, and {there} are there"


def _unexpected(history: History) -> Iterable[str]:
    yield from (f"{end.task} ended {end.state}" for end in history.ends if end.state != State.SUCCEEDED)
    yield from (f"{task} has not ended" for task in history.live)
    refused = Counter(request.said for request in history.requests if request.answer is Answer.REFUSED)
    yield from (f"{count} requests were refused: {said}" for said, count in refused.items())
    known = {end.task for end in history.ends} | set(history.live)
    if history.counts.submitted != len(known):
        yield f"{history.counts.submitted} tasks were submitted, say the counters, and {len(known)} are there"
    for state, counted in _ended(history).items():
        there = sum(end.state == state for end in history.ends)
        if counted < there:
            yield f"{counted} tasks ended {state}, say the counters, and {there} are there"
    strangers = {run.held.task for run in history.runs} - known
    yield from (f"{task} ran, and there is no record of it" for task in sorted(strangers))


def _ended(history: History) -> dict[State, int]:
    return {
        state: getattr(history.counts, state.value) for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED)
    }


def _described(end: End | None) -> str:
    return "nowhere" if end is None else f"{end.state} at {end.ended_at}"


def _gap(moments: Sequence[float], *, since: float) -> float:
    """The longest time between two of them, of which the second is after ``since``."""
    return max((later - earlier for earlier, later in pairwise(sorted(moments)) if later >= since), default=0.0)


def _resumed(cut: Iterable[Run], history: History) -> float | None:
    """From the fault until the last of what was cut short had begun anew."""
    begun = [
        min(run.began for run in history.runs if run.held.task == one.held.task and run.held.fence > one.held.fence)
        - history.struck
        for one in cut
        if any(run.held.task == one.held.task and run.held.fence > one.held.fence for run in history.runs)
    ]
    return max(begun, default=None)
