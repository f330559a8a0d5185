"""Workers are told to take nothing more."""

from datetime import datetime, timedelta

from heavylift.store import calls
from heavylift.store.calls import Host, host_of
from heavylift.store.memory.tables import Tables


def rest(tables: Tables, call: calls.Rest) -> None:
    now = tables.now()
    until = now + timedelta(seconds=call.seconds)
    asked = dict.fromkeys(call.hosts, until) if call.seconds > 0 else {}
    kept = {host: ends for host, ends in tables.resting.items() if host not in call.hosts}
    tables.resting = {host: ends for host, ends in (kept | asked).items() if ends > now}
    for name, consumer in tables.consumers.items():
        if host_of(name) in call.hosts:
            consumer.rests = call.seconds > 0


def rests_by_order(tables: Tables, consumer: str) -> bool:
    """Whether the host of a consumer is told to rest at this moment."""
    return tables.resting.get(host_of(consumer), datetime.min.replace(tzinfo=tables.now().tzinfo)) > tables.now()


def read_hosts(tables: Tables, call: calls.ReadHosts) -> tuple[Host, ...]:  # noqa: ARG001
    names = sorted({host_of(name) for name in tables.consumers})
    return tuple(_host(tables, name) for name in names)


def _host(tables: Tables, name: str) -> Host:
    there = [consumer for known, consumer in tables.consumers.items() if host_of(known) == name]
    return Host(name, len(there), sum(len(consumer.held) for consumer in there), all(consumer.rests for consumer in there))
