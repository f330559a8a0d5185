"""``make bench``: measure Heavylift beside its peers, keep the raw results, print the tables."""

import argparse
import json
import shlex
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine
from bench.document import replaced
from bench.effort import FULL, QUICK, Effort
from bench.measure.everything import EVERYTHING
from bench.measurement import Measurement
from bench.places import DOCUMENT, KEPT
from bench.rounds import in_turns
from bench.table import render


def main() -> None:
    """Measure, or take what was measured before; keep it; show it."""
    options = _options()
    report = _read(options.results) if options.results else _measured(options)
    tables = render(report, EVERYTHING, _effort_of(report))
    if options.write:
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), tables))
    print(tables)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Heavylift beside its peers.")
    names = ", ".join(measurement.name for measurement in EVERYTHING)
    parser.add_argument("--only", default="", help=f"what to measure, divided by commas: {names}")
    parser.add_argument("--cases", default="", help="beginnings of names of cases, divided by commas, such as celery,taskiq")
    parser.add_argument("--rounds", type=int, help="3, or 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: whether it works, not how fast it is")
    parser.add_argument("--add-to", type=Path, help="raw results of an earlier run that what is measured now is added to")
    parser.add_argument("--output", type=Path, help="where the raw results go (default: .bench/results)")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument("--results", type=Path, help="measure nothing; show raw results of an earlier run")
    return parser.parse_args()


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    chosen, effort = _chosen(options.only), QUICK if options.quick else FULL
    report = _begun(options, effort)
    path = options.add_to or options.output or KEPT / "results" / f"{report['at'].replace(':', '')}.json"
    if options.add_to:
        report = _continued(_read(options.add_to), report)
    for measurement in chosen:
        report["results"][measurement.name] = in_turns(measurement, effort, report["rounds"], only=_words(options.cases))
        _keep(report, path)  # after each, since all of them take an hour
    print(f"raw results: {path}", file=sys.stderr)
    return report


def _begun(options: argparse.Namespace, effort: Effort) -> dict[str, Any]:
    at = datetime.now(UTC)
    return {
        "commands": [shlex.join([".venv/bin/python", "-m", "bench", *sys.argv[1:]])],
        "at": at.isoformat(timespec="seconds"),
        "day": at.date().isoformat(),
        "note": "A quick run with small sizes: whether it works, not how fast it is." if options.quick else "",
        "rounds": options.rounds or (1 if options.quick else 3),
        "effort": asdict(effort),
        "machine": machine.describe(),
        "versions": machine.versions(),
        "results": {},
    }


def _continued(earlier: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The earlier report, ready for more results. What was measured otherwise does not belong into one table."""
    for name in ("effort", "rounds", "versions"):
        if (before := earlier[name]) != json.loads(json.dumps(now[name])):
            sys.exit(f"bench: nothing can be added to these results, because {name} was {before} and is {now[name]}")
    return earlier | {"commands": [*earlier["commands"], *now["commands"]]}


def _chosen(only: str) -> list[Measurement]:
    names = {measurement.name: measurement for measurement in EVERYTHING}
    if unknown := set(_words(only)) - set(names):
        sys.exit(f"bench: there is no measurement {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return [names[name] for name in _words(only) or names]


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _effort_of(report: dict[str, Any]) -> Effort:
    sizes: dict[str, Any] = report["effort"]
    return Effort(**sizes | {"depths": tuple(sizes["depths"])})


def _keep(report: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")


def _read(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(path.read_text())
    return report


if __name__ == "__main__":
    main()
