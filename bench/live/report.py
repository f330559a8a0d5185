"""What was measured as Markdown. Pure."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

from bench.live.account import Account, account, startups
from bench.live.contenders import ALL, CALM, KEDA, WAIT
from bench.live.scale_ins import FEW, MANY, Tally
from bench.live.seen import PoolSeen
from bench.live.shapes import Shape
from bench.summary import column, ratios, spread
from bench.written import spaced

TITLES: Final = {contender.name: contender.title for contender in ALL}
MOMENTS: Final = {"ordered": "pod made", "ready": "pod ready", "started": "first task", "served": "last of 60 started"}
HEADINGS: Final = (
    "s over promise",
    "tasks late",
    "peak wait",
    "median wait",
    "pod-seconds",
    "of ideal",
    "interrupted",
    "decisions",
    "turns",
    "requests/min",
)

Rounds = Mapping[str, Sequence[Mapping[str, float]]]


def settings() -> str:
    """How each was set."""
    return "\n".join(f"- **{contender.title}**: {contender.text}." for contender in ALL)


def reaction(found: Rounds) -> str:
    """A row for each contender, and beside it the base, KEDA as it comes."""
    number, base = len(next(iter(found.values()))), found[KEDA.name]
    lines = ["### A backlog on an idle pool", ""]
    lines += [f"Seconds from 60 tasks to what became of them, median (least to most) of {number} rounds in turns.", ""]
    lines += ["| | " + " | ".join(MOMENTS.values()) + " | pod ready: of KEDA's | first task: of KEDA's |", "|---|" + "--:|" * 6]
    for name, rounds in found.items():
        title = "Heavylift" if name == CALM.name else TITLES[name]
        cells = [_spread(column(rounds, key)) for key in MOMENTS] + [_ratio(rounds, base, key) for key in ("ready", "started")]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def shape(about: Shape, seen: Mapping[str, PoolSeen]) -> str:
    """A row for each contender."""
    accounts = {name: account(about, pool, startup_of(seen)) for name, pool in seen.items()}
    tasks = next(iter(accounts.values())).tasks
    lines = [f"### {about.name}", "", f"{about.text}: {spaced(tasks)} tasks for each; {WAIT:.0f} s promised.", ""]
    lines += ["| | " + " | ".join(HEADINGS) + " |", "|---|" + "--:|" * len(HEADINGS)]
    return "\n".join([*lines, *(_row(TITLES[name], found, about.length) for name, found in accounts.items()), ""])


def scale_ins(tally: Tally) -> str:
    """One row."""
    head = "| pods taken away | by turns | tasks | lost | run twice | interrupted | minutes |"
    row = (
        f"| {tally.taken} | {tally.rounds} times from {MANY} to {FEW} | {spaced(tally.submitted)} | {tally.lost} | {tally.twice} "
        f"| {tally.interrupted} | {tally.seconds / 60:.0f} |"
    )
    return "\n".join(["### Busy pools made smaller", "", head, "|" + "--:|" * 7, row, ""])


def startup_of(seen: Mapping[str, PoolSeen]) -> float:
    """The median of all pods that became ready, whose ever they were."""
    return median([seconds for pool in seen.values() for seconds in startups(pool.lives)] or [0.0])


def _row(title: str, found: Account, length: float) -> str:
    cells = [
        f"{found.late_seconds:.0f}",
        f"{found.late_tasks:.1%}",
        f"{found.peak_wait:.0f} s",
        f"{found.median_wait:.1f} s",
        f"{found.pod_seconds:.0f}",
        f"{found.cost:.2f}",
        f"{found.interrupted}",
        f"{found.decisions}",
        f"{found.turns}",
        f"{found.requests / length * 60:.0f}",
    ]
    return f"| {title} | " + " | ".join(cells) + " |"


def _spread(values: Sequence[float]) -> str:
    found = spread(values)
    return f"{found.median:.1f} ({found.least:.1f} to {found.most:.1f})" if found else "-"


def _ratio(rounds: Sequence[Mapping[str, float]], base: Sequence[Mapping[str, float]], key: str) -> str:
    if rounds is base:
        return "1"
    found = spread(ratios(rounds, base, key))
    return f"{found.median:.2f} ({found.least:.2f} to {found.most:.2f})" if found else "-"


def result(found: Mapping[str, Any], shapes: Sequence[Shape]) -> str:
    """All that there is of it."""
    parts = [settings() + "\n"]
    if "reaction" in found:
        parts.append(reaction(found["reaction"]))
    parts += [shape(about, found["shapes"][about.name]) for about in shapes if about.name in found.get("shapes", {})]
    if "scale-ins" in found:
        parts.append(scale_ins(found["scale-ins"]))
    return "\n".join(parts)
