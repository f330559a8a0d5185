"""The ids of events, as callers give them back."""

from heavylift.story import BEGINNING, Place
from heavylift_api.errors import EventIdInvalid


def place_of(field: str, text: str | None) -> Place:
    """The place of an id; the beginning where there is none. Raises EventIdInvalid."""
    if not text:
        return BEGINNING
    place = Place.parse(text)
    if place is None:
        raise EventIdInvalid(field)
    return place
