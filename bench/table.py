"""Results as Markdown. Pure."""

from collections.abc import Mapping
from typing import Any

from bench.effort import Effort
from bench.measurement import Measurement, Ratio
from bench.summary import Spread, column, ratios, spread
from bench.written import spaced


def render(report: Mapping[str, Any], measurements: tuple[Measurement, ...], effort: Effort) -> str:
    """All that was measured, with the command, the machine and the versions in front."""
    parts = [_preface(report)]
    parts += [_section(m, report["results"][m.name], effort) for m in measurements if m.name in report["results"]]
    return "\n\n".join(parts) + "\n"


def _preface(report: Mapping[str, Any]) -> str:
    machine = report["machine"]
    on = f"{machine['cores']} cores of {machine['processor']}, shared by worker, Redis and client"
    with_ = f"Python {machine['python']}, Redis {machine['redis']}; {report['day']}, load before it {machine['load']}"
    paragraphs = [
        "\n".join(f"    {command}" for command in report["commands"]),
        f"{on}; {with_}. Median (least to most) of {report['rounds']}; ratios are taken round by round.",
        f"Versions: {', '.join(f'{name} {version}' for name, version in report['versions'].items())}.",
    ]
    return "\n\n".join([*paragraphs, *([f"**{report['note']}**"] if report["note"] else [])])


def _section(measurement: Measurement, found: Mapping[str, Any], effort: Effort) -> str:
    headings = [c.heading for c in measurement.columns] + [r.heading for r in measurement.ratios]
    lines = [f"### {measurement.title}", "", measurement.text(effort), ""]
    lines += ["| | " + " | ".join(headings) + " |", "|---|" + "--:|" * len(headings)]
    lines += [_row(measurement, name, found) for name in found]
    errors = [f"- {case['title']}, {_one_line(error)}" for case in found.values() for error in case["errors"]]
    return "\n".join([*lines, *(["", "What failed:", "", *errors] if errors else [])])


def _row(measurement: Measurement, name: str, found: Mapping[str, Any]) -> str:
    case = found[name]
    cells = [_cell(spread(column(case["rounds"], c.key))) for c in measurement.columns]
    cells += [_ratio(ratio, name, found) for ratio in measurement.ratios]
    return f"| {case['title']} | " + " | ".join(cells) + " |"


def _ratio(ratio: Ratio, name: str, found: Mapping[str, Any]) -> str:
    case, base = found[name], found.get(found[name]["base"])
    if base is None or base is case:
        return "1"
    above, below = (case, base) if ratio.of_base else (base, case)
    return _cell(spread(ratios(above["rounds"], below["rounds"], ratio.key)))


def _cell(found: Spread | None) -> str:
    if found is None:
        return "-"
    if found.least == found.most:
        return _number(found.median)
    return f"{_number(found.median)} ({_number(found.least)} to {_number(found.most)})"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return spaced(value)
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _one_line(text: str) -> str:
    lines = text.splitlines()
    return text if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"
