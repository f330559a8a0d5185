"""The book of who asked for what, and what came back."""

from collections.abc import Sequence
from dataclasses import replace

from tests.chaos.history import Answer, Ask


class Book:
    """Every ask and its answer. Several submitters write."""

    def __init__(self) -> None:
        self._asks: dict[str, Ask] = {}

    def open(self, asks: Sequence[Ask]) -> None:
        """Write down what is about to be asked: until an answer comes it is unknown."""
        self._asks |= {ask.token: ask for ask in asks}

    def answer(self, asks: Sequence[Ask], answer: Answer) -> None:
        """Write down what came back."""
        self._asks |= {ask.token: replace(ask, answer=answer) for ask in asks}

    def asks(self) -> tuple[Ask, ...]:
        """All of them."""
        return tuple(self._asks.values())
