"""How numbers are written."""


def spaced(value: float) -> str:
    """A whole number with a space between thousands."""
    return f"{value:,.0f}".replace(",", " ")
