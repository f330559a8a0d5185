"""Puts the tables where readers look for them, between two marks."""


def replaced(page: str, tables: str, *, name: str = "bench") -> str:
    """The page with ``tables`` between the marks of this name. Raises ValueError when it has not exactly one pair of them."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"the page needs one line {begin} and after it one line {end}")
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n\n{tables}\n{end}{rest.partition(end)[2]}"
