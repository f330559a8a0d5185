"""Tables: fitted to a terminal by rich, and plain and whole in a pipe."""

from collections.abc import Sequence
from dataclasses import dataclass

from heavylift.cli.terminal import is_terminal, say
from heavylift.cli.text import one_line


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head. Where the terminal is narrow one that is ``whole`` is not cut: it is there to be copied."""

    head: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a style of rich's."""

    text: str
    style: str = ""


Row = Sequence[str | Cell]


def say_table(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Write a table. What stands in it may have been written by anybody."""
    if is_terminal():
        _show(columns, rows)
    else:
        say(_plain(columns, rows))


def _show(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    from rich.console import Console  # only for a terminal: it takes longer to load than a pipe is ready to wait
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        least = max((len(_text(row[number])) for row in rows), default=0) if column.whole else None
        table.add_column(column.head, no_wrap=True, overflow="ellipsis", min_width=least)
    for row in rows:
        table.add_row(*(Text(_text(cell), style=cell.style if isinstance(cell, Cell) else "") for cell in row))
    Console(highlight=False).print(table)


def _plain(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    lines = [[column.head for column in columns], *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _text(cell: str | Cell) -> str:
    return one_line(cell.text if isinstance(cell, Cell) else cell)
