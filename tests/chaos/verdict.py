"""What a history means, in the words of Jepsen's queue checker. Pure.

What goes in must come out: every acknowledged task ends, once, in a way that is in order for it. That a function runs more than
once is allowed, and counted.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import Any, Final

from heavylift.state import State
from tests.chaos.history import Answer, Ask, Blow, Held, History, Move, Run
from tests.chaos.lives import Life, lives
from tests.chaos.taken_back import taken_back

CLOCKS: Final = 0.02  #: Seconds by which two servers on one machine may differ about the time.
BY_A_RUN: Final = frozenset({State.SUCCEEDED, State.FAILED})  #: Ends that only a function that came to its end can bring.


@dataclass(frozen=True, slots=True)
class FaultReport:
    """All blows of one fault. ``recoveries``: seconds until what was cut short ran again, or until anything began to run."""

    fault: str
    struck: int
    hit: int
    cut: int
    recoveries: tuple[float, ...]

    @property
    def typical(self) -> float | None:
        """The median of the recoveries."""
        return median(self.recoveries) if self.recoveries else None

    @property
    def longest(self) -> float | None:
        """The worst of them."""
        return max(self.recoveries, default=None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The numbers, and the names of what must not be."""

    attempt: int
    acknowledged: int
    refused: int
    unknown: int
    ok: int
    lost: tuple[str, ...]
    recovered: int
    runs: int
    duplicated: int
    interrupted: int
    effects: int
    repeated_effects: int
    taken_back: int
    double_commits: tuple[str, ...]
    unexpected: tuple[str, ...]
    faults: tuple[FaultReport, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, nothing committed twice, and nothing happened that must not."""
        return not (self.lost or self.double_commits or self.unexpected)

    @property
    def unproven(self) -> tuple[str, ...]:
        """Faults of which it proves nothing, because they never hit."""
        return tuple(fault.fault for fault in self.faults if not fault.hit)

    @property
    def holds(self) -> bool:
        """Whether it is sound and proves something: work was done, and was hit."""
        return self.sound and self.ok > 0 and any(fault.hit for fault in self.faults)


def judge(history: History) -> Verdict:
    """The verdict on a history whose store has come to rest."""
    known = lives(history)
    gone = taken_back(history, known)
    by_token = {life.token: life for life in known.values()}
    answers = Counter(ask.answer for ask in history.asks)
    acknowledged = [ask for ask in history.asks if ask.answer is Answer.ACKNOWLEDGED]
    return Verdict(
        attempt=len(history.asks),
        acknowledged=len(acknowledged),
        refused=answers[Answer.REFUSED],
        unknown=answers[Answer.UNKNOWN],
        ok=sum(_is_well(ask, by_token.get(ask.token)) for ask in acknowledged),
        lost=tuple(ask.token for ask in acknowledged if not _has_ended(by_token.get(ask.token))),
        recovered=sum(ask.answer is Answer.UNKNOWN and _has_ended(by_token.get(ask.token)) for ask in history.asks),
        runs=len(history.runs),
        duplicated=_duplicated(history.runs),
        interrupted=sum(run.ended is None for run in history.runs),
        effects=len(history.done),
        repeated_effects=len(history.done) - len({(effect.task, effect.name) for effect in history.done}),
        taken_back=len(gone),
        double_commits=tuple(dict.fromkeys(_double_commits(history, known))),
        unexpected=tuple(_unexpected(history, known, gone)),
        faults=tuple(_reports(history)),
    )


def total(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict over several histories that have nothing in common."""
    reports = [report for verdict in verdicts for report in verdict.faults]
    sums = {field.name: [getattr(verdict, field.name) for verdict in verdicts] for field in fields(Verdict)}
    whole: dict[str, Any] = {name: _sum(values) for name, values in sums.items() if name != "faults"}
    return Verdict(**whole, faults=tuple(_merged(reports)))


def _sum(values: list[Any]) -> Any:
    return sum(values) if isinstance(values[0], int) else tuple(item for value in values for item in value)


def _merged(reports: Sequence[FaultReport]) -> Iterable[FaultReport]:
    for fault in dict.fromkeys(report.fault for report in reports):
        same = [report for report in reports if report.fault == fault]
        struck, hit, cut = (sum(getattr(report, name) for report in same) for name in ("struck", "hit", "cut"))
        yield FaultReport(fault, struck, hit, cut, tuple(seconds for report in same for seconds in report.recoveries))


def _has_ended(life: Life | None) -> bool:
    return life is not None and life.end is not None


def _is_well(ask: Ask, life: Life | None) -> bool:
    return life is not None and life.end is not None and life.end.state in ask.may_end


def _duplicated(runs: Iterable[Run]) -> int:
    attempts = Counter((run.held.task, run.held.attempt) for run in runs)
    return sum(count - 1 for count in attempts.values())


def _double_commits(history: History, known: dict[str, Life]) -> Iterable[str]:
    """On no server has a task ended twice: neither on the one that survived nor on one whose latest steps were taken back."""
    for written in (known, *map(lives, history.others)):
        yield from (life.task for life in written.values() if len(life.ends) > 1)


def _unexpected(history: History, known: dict[str, Life], gone: frozenset[Run]) -> Iterable[str]:
    yield from _strange_births(history)
    yield from _strange_ends(history, known)
    yield from _strange_runs(history, known, gone)
    yield from _strange_effects(history, gone)
    for written in (known, *map(lives, history.others)):
        for life in written.values():
            yield from life.faults()
    yield from (f"{blow.fault}: {blow.complaint}" for blow in history.blows if blow.complaint)
    yield from history.leftovers
    yield from _imbalance(history, known)


def _strange_births(history: History) -> Iterable[str]:
    asks = {ask.token: ask for ask in history.asks}
    for token, count in Counter(birth.token for birth in history.births).items():
        if token not in asks:
            yield f"{token} was recorded and never asked for"
        elif asks[token].answer is Answer.REFUSED:
            yield f"{token} was refused and recorded all the same"
        if count > 1:
            yield f"{token} was recorded {count} times"


def _strange_ends(history: History, known: dict[str, Life]) -> Iterable[str]:
    asks = {ask.token: ask for ask in history.asks}
    finished: dict[tuple[str, int], float] = {}
    for run in history.runs:
        if run.ended is not None:
            held = run.held.task, run.held.fence
            finished[held] = min(run.ended, finished.get(held, run.ended))
    for life in known.values():
        end, ask = life.end, asks.get(life.token)
        if end is None:
            continue
        if ask is not None and end.state not in ask.may_end:
            yield f"{life.task} ended {end.state} and not {' or '.join(sorted(ask.may_end))}"
        if end.state in BY_A_RUN:
            yield from _strange_author(end, finished.get((life.task, end.fence)))


def _strange_author(end: Move, finished: float | None) -> Iterable[str]:
    """An end that is not the doing of the run that holds its fence: of nobody's, or of another's that came back from the dead."""
    what = f"{end.task} ended {end.state} under fence {end.fence}"
    if finished is None:
        yield f"{what}, under which no function came to its end"
    elif end.at is not None and end.at < finished - CLOCKS:
        yield f"{what} {finished - end.at:.3f} s before the function of that fence came to its end"


def _strange_runs(history: History, known: dict[str, Life], gone: frozenset[Run]) -> Iterable[str]:
    runs = [run for run in history.runs if run not in gone]
    for (task, fence), count in Counter((run.held.task, run.held.fence) for run in runs).items():
        if task not in known or not known[task].was_claimed(fence):
            yield f"{task} ran under fence {fence}, under which nobody claimed it"
        if count > 1:
            yield f"{task} ran {count} times under fence {fence}"


def _strange_effects(history: History, gone: frozenset[Run]) -> Iterable[str]:
    """Effects that were brought about again although a former run had recorded them, and records of what nobody did."""
    recorded = {(effect.task, effect.name): effect.fence for effect in reversed(history.recorded)}  # the first of each
    forgotten = {(run.held.task, run.held.fence) for run in gone}
    for effect in history.done:
        if (effect.task, effect.fence) in forgotten:
            continue
        fence = recorded.get((effect.task, effect.name), effect.fence)
        if effect.fence > fence:
            yield f"{effect.task} did {effect.name} under fence {effect.fence}, which was recorded under fence {fence}"
    for effect in set(history.recorded) - set(history.done):
        yield f"{effect.task} recorded {effect.name} under fence {effect.fence}, under which nobody did it"


def _imbalance(history: History, known: dict[str, Life]) -> Iterable[str]:
    counts, ended = history.counts, Counter(move.state for life in known.values() for move in life.ends)
    if counts.submitted != counts.ended:
        yield f"{counts.submitted} were submitted and {counts.ended} have ended, say the counters"
    if counts.submitted != len(history.births):
        yield f"the counters say that {counts.submitted} were submitted; {len(history.births)} records came to be"
    for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.EXPIRED):
        counted = getattr(counts, state.value)
        if counted != ended[state]:
            yield f"the counters say that {counted} {state}; {ended[state]} records moved there"


def _reports(history: History) -> Iterable[FaultReport]:
    by_task: dict[str, list[Run]] = defaultdict(list)
    for run in history.runs:
        by_task[run.held.task].append(run)
    begins = sorted(run.began for run in history.runs)
    for fault in dict.fromkeys(blow.fault for blow in history.blows):
        blows = [blow for blow in history.blows if blow.fault == fault]
        hits = [blow for blow in blows if blow.hit]
        recoveries = [seconds for blow in hits for seconds in _recoveries(blow, by_task, begins)]
        yield FaultReport(fault, len(blows), len(hits), sum(len(blow.cut) for blow in hits), tuple(recoveries))


def _recoveries(blow: Blow, by_task: dict[str, list[Run]], begins: list[float]) -> Iterable[float]:
    if blow.recovery is not None:
        yield blow.recovery
    elif blow.cut:
        for held in blow.cut:
            yield from (began - blow.at for began in _next_begin(held, by_task))
    else:
        yield from (began - blow.until for began in begins[bisect_left(begins, blow.until) :][:1])


def _next_begin(held: Held, by_task: dict[str, list[Run]]) -> list[float]:
    later = [run.began for run in by_task[held.task] if run.held.fence > held.fence]
    return sorted(later)[:1]
