"""Tables: fitted to a terminal, and plain and whole in a pipe."""

from collections.abc import Sequence
from dataclasses import dataclass

from heavylift.cli.fitting import Column, fit
from heavylift.cli.terminal import is_terminal, say
from heavylift.cli.text import one_line


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a style of rich's."""

    text: str
    style: str = ""


Row = Sequence[str | Cell]


def say_table(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Write a table. What stands in it may have been written by anybody."""
    widths = [max(len(column.head), *(len(_text(row[n])) for row in rows)) for n, column in enumerate(columns)]
    if is_terminal():
        _show(columns, rows, widths)
    else:
        say(_plain(columns, rows, widths))


def _show(columns: Sequence[Column], rows: Sequence[Row], widths: Sequence[int]) -> None:
    from rich.console import Console  # only for a terminal: it takes longer to load than a pipe is ready to wait
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    fitted = fit(columns, widths, console.width)
    for number, width in fitted.items():
        table.add_column(columns[number].head, no_wrap=True, overflow="ellipsis", width=width)
    for row in rows:
        cells = [row[number] for number in fitted]
        table.add_row(*(Text(_text(cell), style=cell.style if isinstance(cell, Cell) else "") for cell in cells))
    console.print(table)


def _plain(columns: Sequence[Column], rows: Sequence[Row], widths: Sequence[int]) -> str:
    lines = [[column.head for column in columns], *([_text(cell) for cell in row] for row in rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _text(cell: str | Cell) -> str:
    return one_line(cell.text if isinstance(cell, Cell) else cell)
