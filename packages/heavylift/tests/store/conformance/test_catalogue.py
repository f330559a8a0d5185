"""What workers publish of the kinds that they run."""

from typing import Any

from heavylift.catalogue import Kind
from heavylift.record import Priority
from heavylift.retry import RetryPolicy
from heavylift.store import calls

RESIZE = Kind(
    name="images.resize",
    description="Makes an image smaller.\n\nÜber alles.",
    queue="images",
    priority=Priority.HIGH,
    timeout=30.5,
    retry=RetryPolicy(max_attempts=5, base=0.5, cap=60),
    payload_schema={"type": "object", "properties": {"width": {"type": "integer"}}},
    result_schema={"type": "string"},
)


def test_before_any_worker_the_catalogue_is_empty(subject: Any) -> None:
    assert subject.run(calls.ReadCatalogue()) == {}


def test_a_published_kind_is_read_as_it_was(subject: Any) -> None:
    greet = Kind(name="demo.greet")

    subject.run(calls.Publish((RESIZE, greet)))

    assert subject.run(calls.ReadCatalogue()) == {"images.resize": RESIZE, "demo.greet": greet}


def test_the_newest_description_of_a_kind_holds(subject: Any) -> None:
    subject.run(calls.Publish((RESIZE,)))
    subject.run(calls.Publish((Kind(name="images.resize", timeout=1),)))

    assert subject.run(calls.ReadCatalogue())["images.resize"].timeout == 1


def test_publishing_nothing_changes_nothing(subject: Any) -> None:
    subject.run(calls.Publish(()))

    assert subject.run(calls.ReadCatalogue()) == {}
