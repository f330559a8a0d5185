"""What is written of results."""

from typing import Any

import pytest

from bench.document import replaced
from bench.effort import QUICK
from bench.measurement import Column, Measurement, Ratio
from bench.table import render

RATES = Measurement(
    name="rates",
    title="Rates",
    text=lambda _: "How many.",
    columns=(Column("rate", "tasks/s"),),
    ratios=(Ratio("rate", "ours ÷ this"),),
    cases=lambda _: [],
)

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def report(**cases: dict[str, Any]) -> dict[str, Any]:
    return {
        "commands": ["python -m bench --only a", "python -m bench --only b"],
        "day": "2026-11-21",
        "rounds": 2,
        "note": "",
        "machine": {"cores": "2", "processor": "Some CPU", "python": "3.11.7", "redis": "7.0.15", "load": "0.1"},
        "versions": {"celery": "5.7.0"},
        "results": {"rates": cases},
    }


def case(title: str, *rates: float, errors: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"title": title, "base": "ours", "rounds": [{"rate": rate} for rate in rates], "errors": list(errors)}


def test_a_row_has_the_median_its_spread_and_the_ratio_of_the_rounds() -> None:
    text = render(report(ours=case("Ours", 12_000.0, 10_000.0), theirs=case("Theirs", 1_000.0, 2_000.0)), (RATES,), QUICK)

    assert "| Ours | 11 000 (10 000 to 12 000) | 1 |" in text
    assert "| Theirs | 1 500 (1 000 to 2 000) | 8.50 (5.00 to 12.0) |" in text


def test_the_commands_the_machine_and_the_versions_stand_in_front() -> None:
    text = render(report(ours=case("Ours", 1.0)), (RATES,), QUICK)

    assert text.startswith("    python -m bench --only a\n    python -m bench --only b\n\n")
    assert "2 cores of Some CPU" in text
    assert "Python 3.11.7, Redis 7.0.15; 2026-11-21" in text
    assert "celery 5.7.0" in text


def test_who_failed_is_in_the_table_with_the_reason_and_takes_nobody_along() -> None:
    failed = case("Theirs", errors=("round 1: the worker ended: Traceback\n  File x\nKeyError: 1",))

    text = render(report(ours=case("Ours", 5.0), theirs=failed), (RATES,), QUICK)

    assert "| Ours | 5.00 | 1 |" in text
    assert "| Theirs | - | - |" in text
    assert "- Theirs, round 1: the worker ended: Traceback … KeyError: 1" in text


def test_tables_replace_what_is_between_the_marks_and_nothing_else() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    once = replaced(page, "new\n")

    assert once == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert replaced(once, "new\n") == once


@pytest.mark.parametrize("page", ["no marks", f"{END} {BEGIN}", f"{BEGIN} {END} {BEGIN} {END}"])
def test_a_page_without_exactly_one_pair_of_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="needs one line"):
        replaced(page, "new")
