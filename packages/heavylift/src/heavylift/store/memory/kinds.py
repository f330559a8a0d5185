"""Which kinds of task there are."""

from heavylift.catalogue import Kind
from heavylift.store import calls
from heavylift.store.memory.tables import Tables


def publish(tables: Tables, call: calls.Publish) -> None:
    tables.kinds.update((kind.name, Kind.from_json(kind.to_json())) for kind in call.kinds)


def catalogue(tables: Tables, call: calls.ReadCatalogue) -> dict[str, Kind]:  # noqa: ARG001
    return dict(tables.kinds)
