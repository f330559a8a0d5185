"""How a table is made to fit a terminal: pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_GAP: Final = 2  #: Between two columns.
_LEAST: Final = 12  #: Characters of a column that can still be read.


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head.

    One that is ``whole`` is never cut: it is there to be copied. Where there is no room for all, columns are left out, those with
    the highest number in ``spare`` first, none with 0; then the widest is cut.
    """

    head: str
    whole: bool = False
    spare: int = 0


def fit(columns: Sequence[Column], widths: Sequence[int], room: int) -> dict[int, int]:
    """The columns that are shown, by their number, each with its width; ``widths`` are those that they would like to have."""
    shown = dict(enumerate(widths))
    for number in sorted((n for n in shown if columns[n].spare), key=lambda n: -columns[n].spare):
        if _needed(columns, shown) > room:
            del shown[number]
    while (over := _total(shown) - room) > 0:
        cuttable = [number for number in shown if not columns[number].whole and shown[number] > _LEAST]
        if not cuttable:
            break
        widest = max(cuttable, key=lambda number: shown[number])
        shown[widest] = max(_LEAST, shown[widest] - over)
    return shown


def _needed(columns: Sequence[Column], shown: dict[int, int]) -> int:
    """What it takes to show these and cut the last only."""
    last = max(shown)
    return _total({n: min(width, _LEAST) if n == last and not columns[n].whole else width for n, width in shown.items()})


def _total(shown: dict[int, int]) -> int:
    return sum(shown.values()) + _GAP * (len(shown) - 1)
