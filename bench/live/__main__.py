"""``make bench-scaling``: ours, KEDA and an HPA on a real cluster, in tables and pictures."""

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from kubernetes.client import ApiException

from bench.document import replaced
from bench.live import reaction, report, scale_ins, side_by_side
from bench.live.account import outcome
from bench.live.contenders import ALL, CALM, OURS, WAIT
from bench.live.field import field
from bench.live.pitch import Pitch
from bench.live.results import keep, kept
from bench.live.shapes import ALL as SHAPES
from bench.live.shapes import Shape
from bench.places import DOCUMENT, KEPT
from bench.scaling.picture import picture

SHOWN: Final = ("step", "wave")  #: The pictures that the page shows.
PARTS: Final = ("reaction", "scale-ins", *(shape.name for shape in SHAPES))


def main() -> None:
    """Measure what was asked for, or show what was measured before."""
    options = _options()
    found = kept(options.results)
    if not options.show:
        with field(ALL) as pitches:
            for part in options.only.split(",") if options.only else PARTS:
                with _told(part):
                    _parts(pitches, options)[part](found)
                keep(options.results, found)
    _show(found, options)


@contextmanager
def _told(part: str) -> Iterator[None]:
    """One part that fails is told of; it does not take the others with it, for they take an hour together."""
    print(f"== {part}", flush=True)
    try:
        yield
    except (AssertionError, RuntimeError, httpx.HTTPError, ApiException):
        print(f"{part} failed:", file=sys.stderr)
        traceback.print_exc()


def _parts(pitches: Sequence[Pitch], options: argparse.Namespace) -> dict[str, Callable[[dict[str, Any]], None]]:
    by_shape = {shape.name: partial(_shape, pitches, shape, options.seed) for shape in SHAPES}
    return {"reaction": partial(_reaction, pitches, options), "scale-ins": partial(_scale_ins, pitches, options), **by_shape}


def _reaction(pitches: Sequence[Pitch], options: argparse.Namespace, found: dict[str, Any]) -> None:
    ones = [
        pitch for pitch in pitches if pitch.contender is not OURS
    ]  # it goes up as the calm one does, and down too late for this
    found["reaction"] = reaction.measure(ones, options.rounds, options.seed)


def _scale_ins(pitches: Sequence[Pitch], options: argparse.Namespace, found: dict[str, Any]) -> None:
    (pitch,) = [pitch for pitch in pitches if pitch.contender is CALM]
    with pitch.scaled():
        found["scale-ins"] = scale_ins.measure(pitch, options.pods, f"scale-ins-{options.seed}")
    print(found["scale-ins"], flush=True)


def _shape(pitches: Sequence[Pitch], shape: Shape, seed: int, found: dict[str, Any]) -> None:
    seen = side_by_side.measure(pitches, shape, seed)
    found.setdefault("shapes", {})[shape.name] = seen
    print(report.shape(shape, seen), flush=True)


def _show(found: dict[str, Any], options: argparse.Namespace) -> None:
    tables = report.result(found, SHAPES)
    print(tables)
    for shape in SHAPES:
        if seen := found.get("shapes", {}).get(shape.name):
            outcomes = {report.TITLES[name]: outcome(pool) for name, pool in seen.items()}
            drawing = picture(f"{shape.name}: {shape.text}", shape.length, WAIT, outcomes)
            (options.results.parent / f"{shape.name}.svg").write_text(drawing)
            if options.write and shape.name in SHOWN:
                (DOCUMENT.parent / "pictures" / f"cluster-scaling-{shape.name}.svg").write_text(drawing)
    if options.write:
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(), tables, name="scaling"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description="Scaling on a real cluster, side by side.")
    parser.add_argument("--only", default="", help=f"parts, divided by commas: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=5, help="of the reaction")
    parser.add_argument("--pods", type=int, default=200, help="that are taken away from busy pools")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--results", type=Path, default=KEPT / "live" / "results.json", help="where what was measured is kept")
    parser.add_argument("--show", action="store_true", help="measure nothing; show what was measured before")
    parser.add_argument("--write", action="store_true", help="put tables and pictures into docs/benchmarks.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
