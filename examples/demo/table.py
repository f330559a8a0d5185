"""Rows under headings, in a frame."""

from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The text of a table; each column is as wide as its widest cell."""
    widths = [max(len(row[column]) for row in (headings, *rows)) for column in range(len(headings))]
    body = [_line(row, widths) for row in rows]
    return "\n".join([_rule(widths, "┌┬┐"), _line(headings, widths), _rule(widths, "├┼┤"), *body, _rule(widths, "└┴┘")])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "│ " + " │ ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)) + " │"


def _rule(widths: Sequence[int], corners: str) -> str:
    return corners[0] + corners[1].join("─" * (width + 2) for width in widths) + corners[2]
