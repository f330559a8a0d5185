"""The ids of the events of batches, as they come in."""

from typing import Annotated

from pydantic import Field

from heavylift.batch_story import BATCH_PLACE_PATTERN, BatchPlace
from heavylift_api.errors import EventIdInvalid

#: It says its form to those who make requests; what is none is told in a sentence of its own.
BatchEventId = Annotated[str, Field(json_schema_extra={"pattern": rf"^({BATCH_PLACE_PATTERN})?$"})]


def batch_place_of(field: str, text: str | None) -> BatchPlace:
    """The place of an id; the beginning where there is none. Raises EventIdInvalid."""
    place = BatchPlace.parse(text) if text else BatchPlace()
    if place is None:
        raise EventIdInvalid(field)
    return place
