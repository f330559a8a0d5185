"""A run for people."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from tests.fuzz.tally import Find, Found, Tally

_SHOWN: Final = 40  #: Finds. Who has more begins with these.


def render(tally: Tally) -> str:
    """The whole of it."""
    tables = (_operations(tally), _checks(tally), _rules(tally), _accusations(tally))
    parts = [_numbers(tally), *(line for table in tables for line in ("", *table)), _sentence(tally)]
    return "\n".join(parts)


def _numbers(tally: Tally) -> str:
    phases = ", ".join(f"{number} {phase}" for phase, number in tally.requests.items())
    pace = tally.total / tally.seconds if tally.seconds else 0.0
    memory = f"the API had {tally.peak_memory / 2**20:.0f} MiB at most"
    return f"  {tally.total} requests ({phases}) in {tally.seconds:.0f} s, {pace:.0f} a second; {memory}"


def _operations(tally: Tally) -> Iterable[str]:
    by_operation: dict[str, Counter[int]] = {}
    for (operation, status), number in tally.statuses.items():
        by_operation.setdefault(operation, Counter())[status] += number
    yield f"  {'operation':<46}{'requests':>9}   statuses"
    yield "  " + "─" * 110
    for operation, statuses in sorted(by_operation.items(), key=lambda row: row[0].split()[::-1]):
        told = "  ".join(f"{status or 'none'}: {number}" for status, number in sorted(statuses.items()))
        yield f"  {operation:<46}{statuses.total():>9}   {told}"


def _checks(tally: Tally) -> Iterable[str]:
    yield f"  {'check':<32}{'passed':>9}{'failed':>9}"
    yield "  " + "─" * 50
    for name in sorted({name for name, _ in tally.checks}):
        passed = tally.checks[name, "success"]
        failed = sum(number for (check, status), number in tally.checks.items() if check == name) - passed
        yield f"  {name:<32}{passed:>9}{failed:>9}"


def _rules(tally: Tally) -> Iterable[str]:
    yield "  refused by rules that the description does not tell"
    yield "  " + "─" * 110
    for (operation, rule), number in tally.rules.most_common(_SHOWN):
        yield f"  {number:>6}  {operation:<40} {rule[:120]}"


def _accusations(tally: Tally) -> Iterable[str]:
    yield from (f"  trouble: {trouble}" for trouble in dict.fromkeys(tally.troubles))
    for found, find in list(tally.finds.items())[:_SHOWN]:
        yield from _find(found, find)
    if len(tally.finds) > _SHOWN:
        yield f"  … and {len(tally.finds) - _SHOWN} more finds"


def _find(found: Found, find: Find) -> Iterable[str]:
    check, operation, said = found
    yield f"  {check} at {operation}, {find.times} times:"
    yield from (f"    {line}" for line in said.splitlines() if line)
    yield f"    {find.curl}"
    yield f"    → {find.answer}"
    yield ""


def _sentence(tally: Tally) -> str:
    if tally.sound:
        return f"  Nothing was found; {len(tally.reached)} operations did what they are for."
    return f"  {len(tally.finds)} finds." if tally.total else "  Nothing was tried, so nothing is proven."
