"""``make fuzz``: put the whole OpenAPI document to the API, and print what came of it."""

import argparse
import secrets
import sys
from collections.abc import Sequence

from tests.fuzz import campaign, table
from tests.fuzz.campaign import Plan


def main(argv: Sequence[str] | None = None) -> int:
    """Ask until it is enough. Returns 1 when something was found."""
    options = _options(argv)
    _say(f"Fuzzing with seed {options.seed}")
    tally = campaign.run(Plan(options.seed, options.requests, options.seconds, _say))
    _say("", table.render(tally))
    return 0 if tally.sound else 1


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description="Put the whole OpenAPI document to a real API, and judge it.")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="draw the same requests again")
    parser.add_argument("--requests", type=int, default=50_000, help="stop after so many")
    parser.add_argument("--seconds", type=int, default=86_400, help="or after so long")
    return parser.parse_args(argv)


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
