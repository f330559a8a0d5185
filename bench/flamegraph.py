"""Where a worker's time goes: py-spy on all of its processes while it does no-ops from a full queue.

    python -m bench.flamegraph [--case heavylift-1] [--seconds 10] [--tasks 200000] [--output flamegraph.svg]

``--output`` ending in .txt writes collapsed stacks, one a line with its samples, for reading and sorting in a terminal.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.environments import find_uv
from bench.systems.system import System
from bench.variants import THROUGHPUT

PY_SPY: Final = "py-spy==0.4.1"  #: Run by uv from its cache; it belongs to no environment of ours.


def main() -> None:
    """Fill, start, record."""
    options = _options()
    variant = next(variant for variant in THROUGHPUT if variant.name == options.case)
    tasks = options.tasks or round(variant.guess * (options.seconds + 2) * 1.5)
    with variant.system(variant.shape) as system:
        system.fill(tasks)
        system.start()
        system.await_done(tasks // 20, within=60)
        _record(system, options)
        left = tasks - system.done()
    print(f"{options.output}: {options.seconds} s of {variant.title}, {left} tasks were left", file=sys.stderr)
    if not left:
        print("the queue ran empty, so some of it shows an idle worker; give more --tasks", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Record where a worker's time goes.")
    parser.add_argument("--case", choices=[variant.name for variant in THROUGHPUT], default="heavylift-1")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--tasks", type=int, default=0, help="no-ops to fill in; by default what should last")
    parser.add_argument("--native", action="store_true", help="frames of C extensions too")
    parser.add_argument("--output", type=Path, default=Path("flamegraph.svg"))
    return parser.parse_args()


def _record(system: System, options: argparse.Namespace) -> None:
    form = "raw" if options.output.suffix == ".txt" else "flamegraph"
    subprocess.run(
        [
            *(find_uv(), "tool", "run", PY_SPY, "record", "--pid", str(system.worker.pid), "--subprocesses", "--rate", "200"),
            *("--duration", str(options.seconds), "--format", form, "--output", str(options.output)),
            *(["--native"] if options.native else []),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
