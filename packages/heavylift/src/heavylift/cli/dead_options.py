"""What can be said to ``heavylift dead``."""

import argparse
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from heavylift.state import FailureReason
from heavylift.store.calls import DeadFilter

_SUMMARIES: Final = {
    "groups": "What fails most: dead letters by kind, queue, reason and fault.",
    "list": "Dead letters, the latest failure first.",
    "show": "All that is known of one task, with the history of its attempts.",
    "replay": "Let dead letters begin anew: some by their ids, or all that fit a filter.",
    "discard": "Delete dead letters for good: some by their ids, or all that fit a filter.",
}
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parser(actions: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the whole command."""
    made = argparse.ArgumentParser(
        prog="heavylift dead", description="Dead letters: tasks that failed, until they are replayed or discarded."
    )
    words = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action in actions:
        word = words.add_parser(action, help=_SUMMARIES[action], description=_SUMMARIES[action])
        word.add_argument("--json", action="store_true", help="write JSON instead of a table")
        _ADD[action](word)
    return made


def filter_of(options: argparse.Namespace) -> DeadFilter:
    """Which dead letters are meant."""
    return DeadFilter(
        kind=options.kind,
        queue=options.queue,
        reason=options.reason,
        fingerprint=options.fingerprint,
        since=options.since,
        until=options.until,
    )


def _moment(text: str) -> datetime:
    ago = re.fullmatch(r"(\d+)([smhd])", text)
    if ago:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: say 90s, 30m, 2h, 7d ago, or 2026-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} says no offset from UTC, as in 2026-01-31T12:00:00Z")
    return moment


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate: say how many per second, above 0")
    return rate


def _add_filter(word: argparse.ArgumentParser) -> None:
    group = word.add_argument_group("which dead letters (one fits when it fits all that is given)")
    group.add_argument("--kind", help="only those of this kind")
    group.add_argument("--queue", help="only those of this queue")
    group.add_argument("--reason", type=FailureReason, choices=list(FailureReason), help="only those that failed for this reason")
    group.add_argument("--fingerprint", help="only those of this fault, as `groups` shows it")
    group.add_argument("--since", type=_moment, metavar="TIME", help="only those that failed since: 2h ago, or a time")
    group.add_argument("--until", type=_moment, metavar="TIME", help="only those that failed before")


def _add_list(word: argparse.ArgumentParser) -> None:
    _add_filter(word)
    word.add_argument("--limit", type=_positive, default=20, help="how many at most (20)")


def _add_show(word: argparse.ArgumentParser) -> None:
    word.add_argument("id", help="the task's id")


def _add_many(word: argparse.ArgumentParser) -> None:
    word.add_argument("ids", nargs="*", metavar="ID", help="tasks by their ids; without any, a filter says which")
    _add_filter(word)
    word.add_argument("--all", action="store_true", help="all dead letters, where no filter is given")
    word.add_argument("--limit", type=_positive, help="how many at most, those that failed first")
    word.add_argument("--yes", action="store_true", help="do it; otherwise a filter only says what it fits")


def _add_replay(word: argparse.ArgumentParser) -> None:
    _add_many(word)
    word.add_argument("--rate", type=_rate, help="how many to let begin per second; the others wait for their turn")


_ADD: Final = {"groups": _add_list, "list": _add_list, "show": _add_show, "replay": _add_replay, "discard": _add_many}
