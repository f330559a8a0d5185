"""A verdict for people."""

from collections.abc import Iterable, Sequence
from typing import Final

from tests.chaos.history import Blow
from tests.chaos.verdict import FaultReport, Verdict

_SHOWN: Final = 20  # sentences of each kind; the folder that is kept has the rest


def told(blow: Blow) -> str:
    """One line for one blow."""
    mark = "!" if blow.complaint else "·" if blow.hit else "-"
    return f"  {mark} {blow.fault:<20} {blow.complaint or blow.proof or 'missed: no proof that it cut anything short'}"


def render(verdict: Verdict) -> str:
    """The whole verdict."""
    return "\n".join([*_numbers(verdict), "", *_faults(verdict.faults), "", *_accusations(verdict), _sentence(verdict)])


def _numbers(verdict: Verdict) -> Iterable[str]:
    rows = [
        ("attempt", verdict.attempt, "tasks that were asked for"),
        ("acknowledged", verdict.acknowledged, f"and {verdict.refused} refused, {verdict.unknown} unknown"),
        ("ok", verdict.ok, "acknowledged, and ended as they may"),
        ("lost", len(verdict.lost), "acknowledged, and never ended"),
        ("double commits", len(verdict.double_commits), "ended more than once"),
        ("unexpected", len(verdict.unexpected), "whatever must not be"),
        ("recovered", verdict.recovered, "unknown, and ended all the same"),
        ("runs", verdict.runs, f"of which {verdict.interrupted} never came to their end"),
        ("duplicated runs", verdict.duplicated, "beyond the first of an attempt; allowed"),
        ("taken back", verdict.taken_back, "runs whose claim a failover took back; allowed"),
        ("effects", verdict.effects, f"of which {verdict.repeated_effects} again, before they were recorded; allowed"),
    ]
    return (f"  {name:<16}{number:>10}  {meaning}" for name, number, meaning in rows)


def _faults(reports: Sequence[FaultReport]) -> Iterable[str]:
    yield f"  {'fault':<22}{'struck':>7}{'hit':>6}{'cut':>6}   recovery: median   longest"
    yield "  " + "─" * 68
    for report in reports:
        times = f"{_seconds(report.typical):>19}{_seconds(report.longest):>10}"
        yield f"  {report.fault:<22}{report.struck:>7}{report.hit:>6}{report.cut:>6}{times}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"


def _accusations(verdict: Verdict) -> Iterable[str]:
    groups = (("lost", verdict.lost), ("double commit", verdict.double_commits), ("unexpected", verdict.unexpected))
    for name, items in groups:
        yield from (f"  {name}: {item}" for item in items[:_SHOWN])
        if len(items) > _SHOWN:
            yield f"  {name}: … and {len(items) - _SHOWN} more"


def _sentence(verdict: Verdict) -> str:
    if not verdict.sound:
        return "  THE PROMISE IS BROKEN."
    if not verdict.holds:
        return "  Nothing was broken, and nothing proven: no work was done, or none was hit."
    proven = f" Nothing is proven of {', '.join(verdict.unproven)}, which never hit." if verdict.unproven else ""
    return f"  The promise holds.{proven}"
