"""What every policy did with a load, as one SVG: how long the oldest waited, how many pods there were, what they cost. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bench.scaling.outcome import Outcome

WIDTH, PANEL, GAP, LEFT, RIGHT, TOP = 960, 190, 46, 70, 20, 64  # pixels
COLOURS = ("#0b6e4f", "#c1292e", "#e8a33d", "#5b5f97", "#3fa7d6")
STYLE = "text{font:13px sans-serif;fill:#222}.quiet{fill:#666;font-size:11px}.grid{stroke:#ddd}.line{fill:none;stroke-width:1.6}"

Point = tuple[float, float]  #: Seconds, and a value.


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing over the time of the load: a title, a curve for each policy, and perhaps a line that is not to be crossed."""

    title: str
    curves: Sequence[Sequence[Point]]
    limit: float | None = None

    @property
    def highest(self) -> float:
        """The end of the scale."""
        values = [value for curve in self.curves for _, value in curve]
        return _round_up(max([*values, self.limit or 0.0, 1.0]))


def picture(title: str, length: float, wait: float, outcomes: Mapping[str, Outcome]) -> str:
    """The whole drawing, for a load of so many seconds, of which each task was promised to wait no longer than so many."""
    panels = _panels(wait, list(outcomes.values()))
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        f'<style>{STYLE}</style><rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" style="font-weight:bold">{escape(title)}</text>',
        *_legend(list(outcomes)),
        *(line for i, panel in enumerate(panels) for line in _draw(panel, TOP + GAP / 2 + i * (PANEL + GAP), length)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panels(wait: float, outcomes: Sequence[Outcome]) -> list[Panel]:
    points = [outcome.points for outcome in outcomes]
    return [
        Panel("oldest task has waited, s (dashed: the promise)", [[(p.at, p.oldest) for p in of] for of in points], wait),
        Panel("pods", [[(p.at, float(p.pods)) for p in of] for of in points]),
        Panel("cost so far, pod-hours", [[(p.at, p.pod_seconds / 3600) for p in of] for of in points]),
    ]


def _legend(names: Sequence[str]) -> Iterable[str]:
    for i, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        x = LEFT + i * (WIDTH - LEFT - RIGHT) / len(names)
        yield f'<rect x="{x:g}" y="38" width="22" height="4" fill="{colour}"/>'
        yield f'<text x="{x + 30:g}" y="45">{escape(name)}</text>'


def _draw(panel: Panel, top: float, length: float) -> Iterable[str]:
    yield f'<text x="{LEFT}" y="{top - 6:.0f}">{escape(panel.title)}</text>'
    for share in (0.0, 0.5, 1.0):
        y = top + PANEL * (1 - share)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{panel.highest * share:g}</text>'
    for seconds, label in _times(length):
        x, y = _x(seconds, length), top + PANEL + 14
        yield f'<text class="quiet" x="{x:.1f}" y="{y:.0f}" text-anchor="middle">{label}</text>'
    if panel.limit is not None:
        y = _y(panel.limit, panel.highest, top)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#444" stroke-dasharray="6 4"/>'
    # Ours is drawn last, over the others.
    for curve, colour in reversed(list(zip(panel.curves, COLOURS, strict=False))):
        places = " ".join(f"{_x(at, length):.1f},{_y(value, panel.highest, top):.1f}" for at, value in curve)
        yield f'<polyline class="line" stroke="{colour}" points="{places}"/>'


def _x(at: float, length: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * at / length


def _y(value: float, highest: float, top: float) -> float:
    return top + PANEL * (1 - value / highest)


def _times(length: float) -> list[tuple[float, str]]:
    """Where the axis has a number: each so many hours, or minutes of what is over within one."""
    unit, name = (3600.0, "h") if length > 3600 else (60.0, "min")
    every = next(step for step in (0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 24.0, math.inf) if length / unit / step <= 8)
    if math.isinf(every):
        return [(0.0, f"0 {name}")]
    return [(every * i * unit, f"{every * i:g} {name}") for i in range(int(length / unit / every) + 1)]


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value)
