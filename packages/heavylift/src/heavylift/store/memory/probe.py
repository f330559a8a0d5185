"""Whether anything new would be taken in."""

from heavylift.record import Durability
from heavylift.store import calls
from heavylift.store.memory.tables import Tables
from heavylift.store.troubles import trouble


def probe(tables: Tables, call: calls.Probe) -> None:  # noqa: ARG001  the signature of every answer
    refuse_replicas(call.durability)


def refuse_replicas(durability: Durability) -> None:
    """Raise StoreRefused for what is to be on a replica: a store in memory has none."""
    if durability is Durability.REPLICA:
        raise trouble("REPLICALESS")
