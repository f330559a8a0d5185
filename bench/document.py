"""Puts the tables where readers look for them, between two marks."""

from typing import Final

BEGIN: Final = "<!-- bench: begin -->"
END: Final = "<!-- bench: end -->"


def replaced(page: str, tables: str) -> str:
    """The page with ``tables`` between its marks. Raises ValueError when it has not exactly one pair of them."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"the page needs one line {BEGIN} and after it one line {END}")
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{tables}\n{END}{rest.partition(END)[2]}"
