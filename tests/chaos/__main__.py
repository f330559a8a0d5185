"""``make chaos``: campaigns one after the other, and one verdict over all of them."""

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos import campaign, table
from tests.chaos.campaign import Plan
from tests.chaos.draw import after, endless, kills_in
from tests.chaos.faults import ALONE, FAULTS, WATCHED
from tests.chaos.history import Blow
from tests.chaos.verdict import Verdict, judge, total

#: One campaign has a fresh Redis and ends at rest, so that a history stays small and trouble is found near its cause.
_KILLS: Final = 100
_SECONDS: Final = 90.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run campaigns until it is enough or a promise is broken, and print what came of them. Returns 1 when one is."""
    series = Series(_options(argv))
    while series.goes_on:
        series.carry_out_next()
    verdict = total(series.verdicts)
    _say("", f"{len(series.verdicts)} campaigns, seed {series.options.seed}", "", table.render(verdict))
    return 0 if verdict.holds else 1


@dataclass
class Series:
    """Campaigns whose seeds follow from the first."""

    options: argparse.Namespace
    verdicts: list[Verdict] = field(default_factory=list)
    kills: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def goes_on(self) -> bool:
        """Whether there is reason for another campaign."""
        if any(not verdict.sound for verdict in self.verdicts):
            return False
        wants_kills = self.options.kills is not None and self.kills < self.options.kills
        has_time = self.options.seconds is None or time.monotonic() - self.began < self.options.seconds
        return has_time and (wants_kills or self.options.kills is None)

    def carry_out_next(self) -> None:
        """One campaign. What a broken one leaves is kept."""
        seed = self.options.seed + len(self.verdicts)
        _say(f"Campaign {len(self.verdicts) + 1}, seed {seed}")
        folder = Path(tempfile.mkdtemp(prefix="chaos-"))
        try:
            history = campaign.run(self._plan(seed), folder)
        except BaseException:
            _say(f"  It broke off. Redis' file and the workers' logs are in {folder}")
            raise
        verdict = judge(history)
        self.verdicts.append(verdict)
        self.kills += kills_in(history.blows)
        if verdict.sound:
            shutil.rmtree(folder)
        else:
            _say(f"  A promise is broken. Redis' file and the workers' logs are in {folder}")

    @property
    def _is_watched(self) -> bool:
        """Whether the next campaign has three servers with sentinels: where a fault asks for them, or else one in four."""
        only = self.options.only
        return not WATCHED.isdisjoint(only) if only else len(self.verdicts) % 4 == 1

    def _plan(self, seed: int) -> Plan:
        options = self.options
        kills = None if options.kills is None else min(_KILLS, options.kills - self.kills)
        left = _SECONDS if options.seconds is None else options.seconds - (time.monotonic() - self.began)
        seconds = min(_SECONDS, left) if kills is None or options.seconds is not None else None
        watched = self._is_watched
        return Plan(
            seed=seed,
            faults=endless(seed, only=options.only, kills=kills is not None, watched=watched),
            watched=watched,
            done=after(kills=kills, seconds=seconds),
            tries=3,
            told=_tell,
        )


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description="Hurt real workers and a real Redis under load, and judge.")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="draw the same faults and the same load again")
    parser.add_argument("--kills", type=int, help="go on until so many kills of workers have hit")
    parser.add_argument("--seconds", type=float, help="go on for so long; 60 unless kills are counted")
    parser.add_argument("--fault", default="", help=f"only these, divided by commas, out of: {', '.join(FAULTS)}")
    options = parser.parse_args(argv)
    options.only = tuple(name for name in options.fault.split(",") if name)
    for name in options.only:
        if name not in FAULTS:
            parser.error(f"there is no fault {name!r}; there are {', '.join(FAULTS)}")
    if not WATCHED.isdisjoint(options.only) and not ALONE.isdisjoint(options.only):
        parser.error(
            f"{', '.join(sorted(WATCHED))} need sentinels, and {', '.join(sorted(ALONE))} need none: ask for them one by one"
        )
    if options.kills is None and options.seconds is None:
        options.seconds = 60.0
    return options


def _tell(blow: Blow) -> None:
    _say(table.told(blow))


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
