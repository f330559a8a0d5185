"""What a measurement is: cases that are measured in turns, columns, and the ratio that is read from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bench.effort import Effort
from bench.variants import Variant

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Column:
    """A number of every case, and what it is called."""

    key: str
    heading: str


@dataclass(frozen=True, slots=True)
class Case:
    """One row: ``measure`` does one round of it. It is compared with the case named ``base``."""

    name: str
    title: str
    base: str
    measure: Callable[[], Values]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A comparison, round by round: base ÷ case, or case ÷ base when ``of_base``."""

    key: str
    heading: str
    of_base: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """One table. ``text`` says in a sentence or two what was done."""

    name: str
    title: str
    text: Callable[[Effort], str]
    columns: tuple[Column, ...]
    ratios: tuple[Ratio, ...]
    cases: Callable[[Effort], list[Case]]


def against_first(variants: tuple[Variant, ...], measure: Callable[[Variant, Effort], Values]) -> Callable[[Effort], list[Case]]:
    """A case for each variant, compared with the first."""

    def cases(effort: Effort) -> list[Case]:
        return [Case(v.name, v.title, variants[0].name, partial(measure, v, effort)) for v in variants]

    return cases
