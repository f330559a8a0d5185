"""Who takes tasks, and what they run."""

from heavylift.record import Record
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import Underway, Worker
from heavylift.store.memory.rest import rests_by_order
from heavylift.store.memory.tables import Consumer, Tables


def read_workers(tables: Tables, call: calls.ReadWorkers) -> calls.WorkerPage:
    alive = {name: known for name, known in tables.consumers.items() if known.lease_ends >= tables.now() and name > call.after}
    names = sorted(alive)
    workers = tuple(_worker(tables, call, name, alive[name]) for name in names[: call.count])
    return calls.WorkerPage(workers, len(names) > call.count)


def _worker(tables: Tables, call: calls.ReadWorkers, name: str, consumer: Consumer) -> Worker:
    known = [tables.tasks[id_].record for id_ in consumer.held]
    held = [record for record in known if record.queue in consumer.queues]
    running = [record for record in held if record.state is State.RUNNING and call.reach in (None, record.tenant)]
    told = sorted(running, key=lambda record: record.id)[: call.tasks]
    return Worker(
        consumer=name,
        lease_ends=consumer.lease_ends,
        rests=rests_by_order(tables, name),
        queues=consumer.queues,
        executors=consumer.executors,
        in_hand=len(held),
        running=tuple(_underway(record) for record in told),
    )


def _underway(record: Record) -> Underway:
    assert record.started_at is not None  # noqa: S101  it runs
    return Underway(record.id, record.kind, record.queue, record.started_at)
