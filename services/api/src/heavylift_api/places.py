"""The ids of events, as callers give them back."""

from typing import Annotated

from pydantic import Field

from heavylift.story import BEGINNING, PLACE_PATTERN, Place
from heavylift_api.errors import EventIdInvalid

#: It says its form to those who make requests; what is none is told in a sentence of its own.
EventId = Annotated[str, Field(json_schema_extra={"pattern": rf"^({PLACE_PATTERN})?$"})]


def place_of(field: str, text: str | None) -> Place:
    """The place of an id; the beginning where there is none. Raises EventIdInvalid."""
    if not text:
        return BEGINNING
    place = Place.parse(text)
    if place is None:
        raise EventIdInvalid(field)
    return place
