"""One thing after the other, from pages that are asked for as they are needed."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from heavylift.client.asks import Steps
from heavylift.client.values import Page

Each = TypeVar("Each")


class Pages(Generic[Each]):
    """The items of all pages; ``page`` is given the cursor of the page before, None for the first."""

    def __init__(self, page: Callable[[str | None], Steps[Page[Each]]]) -> None:
        self._page = page
        self._ready: deque[Each] = deque()
        self._cursor: str | None = None
        self._over = False

    def next(self) -> Steps[Each | None]:
        """The next item, None after the last."""
        while not (self._ready or self._over):
            page = yield from self._page(self._cursor)
            self._ready.extend(page.items)
            self._cursor, self._over = page.cursor, page.cursor is None
        return self._ready.popleft() if self._ready else None

    def close(self) -> Steps[None]:
        """Ask for no more."""
        self._ready.clear()
        self._over = True
        yield from ()
