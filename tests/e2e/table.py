"""The table of docs/benchmarks.md from what ``make e2e`` has left behind: ``python -m tests.e2e.table [--write]``."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from bench.document import replaced

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs/benchmarks.md"

HEAD: Final = (
    "| fault | acknowledged | lost | committed twice | run again | requests that failed | of which also the second try "
    "| nothing accepted for | goal | nothing started for | what was cut short runs again after | load |"
)


def main(*options: str) -> None:
    """Print it, or write it into the page."""
    results = [json.loads(path.read_text()) for path in (ROOT / ".bench/e2e").glob("*.json")]
    table = written(results)
    if "--write" in options:
        PAGE.write_text(replaced(PAGE.read_text(), table, name="e2e"))
    else:
        sys.stdout.write(table)


def written(results: Iterable[Mapping[str, Any]]) -> str:
    """A row for each, those of one file together."""
    rows = [_row(result) for result in sorted(results, key=lambda result: str(result["test"]))]
    return "\n".join((HEAD, "|---|" + "--:|" * (HEAD.count("|") - 2), *rows)) + "\n"


def _row(result: Mapping[str, Any]) -> str:
    cells = [
        result["fault"],
        *(result[name] for name in ("acknowledged", "lost", "double_commits", "repeated", "failed", "forsaken")),
        _seconds(result["gap_accepted"]),
        "" if result["goal"] is None else f"≤ {result['goal']:g} s",
        _seconds(result["gap_started"]),
        _seconds(result["resumed"]),
        f"{result['load']:.0f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


if __name__ == "__main__":
    main(*sys.argv[1:])
