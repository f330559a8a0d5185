"""A page of something."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of many. ``cursor`` goes on after them, None at the end; a page may be empty and still have one."""

    items: tuple[Item, ...]
    cursor: str | None
