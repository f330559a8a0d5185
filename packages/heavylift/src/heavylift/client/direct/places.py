"""What is known of an id, and where the id of an event is."""

from typing import TypeVar

from heavylift.batch_story import BatchPlace
from heavylift.client.errors import BatchUnknown, RequestInvalid, TaskUnknown, faulty
from heavylift.client.values import Fault
from heavylift.story import BEGINNING, Place

Known = TypeVar("Known")


def place_of(after: str | None) -> Place:
    """The place that the id of an event is. Raises RequestInvalid."""
    return BEGINNING if after is None else _given(Place.parse(after))


def batch_place_of(after: str | None) -> BatchPlace:
    """The same of a batch."""
    return BatchPlace() if after is None else _given(BatchPlace.parse(after))


def existing(id_: str, known: Known | None) -> Known:
    """What is known of a task, if there is one. Raises TaskUnknown."""
    if known is None:
        raise TaskUnknown(f"no task has the id {id_}: it never existed, or its record has been kept for its time and is gone")
    return known


def existing_batch(id_: str, known: Known | None) -> Known:
    """What is known of a batch, if there is one. Raises BatchUnknown."""
    if known is None:
        raise BatchUnknown(
            f"no batch has the id {id_}: it never existed, or its tasks have been kept for their time and are gone"
        )
    return known


def _given(place: Known | None) -> Known:
    if place is None:
        raise faulty([Fault("after", "is not the id of an event; leave it out to be told from the beginning")], RequestInvalid)
    return place
