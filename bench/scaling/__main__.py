"""``make simulate``: scaling policies under simulated load, in a table and in pictures."""

import argparse
import sys
from pathlib import Path
from typing import Final

from bench.document import replaced
from bench.places import KEPT, ROOT
from bench.scaling.load import LOADS, Load
from bench.scaling.picture import picture
from bench.scaling.recorded import recorded
from bench.scaling.report import report
from bench.scaling.tried import tried

PAGE: Final = ROOT / "docs" / "scaling.md"
SHOWN: Final = ("step", "wave", "long-tail")  #: The pictures that the page shows.


def main() -> None:
    """Simulate what was asked for; print the tables, keep the pictures."""
    options = _options()
    options.pictures.mkdir(parents=True, exist_ok=True)
    tables = [_simulate(load, options) for load in _loads(options)]
    if options.write:
        PAGE.write_text(replaced(PAGE.read_text(), "\n".join(tables)))
    print(f"pictures: {options.pictures}", file=sys.stderr)


def _simulate(load: Load, options: argparse.Namespace) -> str:
    results = tried(load, options.seed)
    drawing = picture(load.text, load.length, load.wait, {result.policy.name: result.outcome for result in results})
    table, name = report(load, results), load.name.replace(" ", "-")
    print(table, flush=True)
    (options.pictures / f"{name}.svg").write_text(drawing)
    if options.write and name in SHOWN:
        (PAGE.parent / "pictures" / f"scaling-{name}.svg").write_text(drawing)
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description="Scaling policies under simulated load.")
    names = ", ".join(load.__name__ for load in LOADS)
    parser.add_argument("--only", default="", help=f"loads, divided by commas: {names}")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--recorded", type=Path, help="a JSON log of workers, or a file of lines `at,seconds,kind` in seconds")
    parser.add_argument("--wait", type=float, default=30.0, help="seconds that are promised for a recorded load")
    parser.add_argument("--slots", type=int, default=1, help="tasks that a pod runs side by side, for a recorded load")
    parser.add_argument("--pictures", type=Path, default=KEPT / "scaling", help="where the pictures go")
    parser.add_argument("--write", action="store_true", help="put tables and pictures into docs/scaling.md")
    return parser.parse_args()


def _loads(options: argparse.Namespace) -> list[Load]:
    if options.recorded:
        return [recorded(options.recorded, options.wait, options.slots)]
    chosen = options.only.split(",") if options.only else [load.__name__ for load in LOADS]
    return [load(options.seed) for load in LOADS if load.__name__ in chosen]


if __name__ == "__main__":
    main()
