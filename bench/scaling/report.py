"""Scores as Markdown. Pure."""

from collections.abc import Sequence

from bench.scaling.load import Load
from bench.scaling.tried import Result

HEADINGS = ("s over promise", "tasks late", "peak wait", "pod-seconds", "of ideal", "interrupted", "decisions", "turns")


def report(load: Load, results: Sequence[Result]) -> str:
    """A table for one load, a row for each policy."""
    lines = [f"### {load.name}", "", f"{load.text}; {load.wait:.0f} s promised, {len(load.tasks)} tasks.", ""]
    lines += ["| | " + " | ".join(HEADINGS) + " |", "|---|" + "--:|" * len(HEADINGS)]
    return "\n".join([*lines, *(_row(result) for result in results), ""])


def _row(result: Result) -> str:
    s = result.score
    cells = [
        f"{s.late_seconds:.0f}",
        f"{s.late_tasks:.1%}",
        f"{s.peak_wait:.0f} s",
        f"{s.pod_seconds:.0f}",
        f"{s.cost:.2f}",
        f"{s.interrupted}",
        f"{s.decisions}",
        f"{s.turns}",
    ]
    return f"| {result.policy.name} | " + " | ".join(cells) + " |"
