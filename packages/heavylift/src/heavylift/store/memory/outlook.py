"""What a task has before it."""

from heavylift.record import Record
from heavylift.state import State
from heavylift.store import calls
from heavylift.store.calls import LANES, Outlook, stream_of
from heavylift.store.calls.outlook import MOST_COUNTED
from heavylift.store.memory.pauses import pause_of
from heavylift.store.memory.rest import rests_by_order
from heavylift.store.memory.tables import Consumer, Entry, Tables


def look_ahead(tables: Tables, call: calls.LookAhead) -> Outlook | None:
    kept = tables.tasks.get(call.id)
    if kept is None or call.reach not in (None, kept.record.tenant):
        return None
    record = kept.record
    reading = [name for name, consumer in tables.consumers.items() if _reads(tables, consumer, record)]
    runs = [runs for place, runs in tables.runs.items() if place[:2] == (record.queue, record.executor)]
    attempts = sum(told.attempts for told in runs)
    return Outlook(
        record=record,
        at=tables.now(),
        ahead=min(MOST_COUNTED, _ahead(tables, kept)),
        running=_running(tables, record),
        reading=len(reading),
        resting=sum(rests_by_order(tables, name) for name in reading),
        mean=sum(told.seconds for told in runs) / attempts if attempts else None,
        pause=pause_of(tables, record.queue),
    )


def _ahead(tables: Tables, kept: Entry) -> int:
    record = kept.record
    if record.state not in (State.QUEUED, State.SCHEDULED):
        return 0
    lane = kept.lane if record.state is State.QUEUED else record.priority
    before = [*LANES[: LANES.index(lane)], *([lane] if record.state is State.SCHEDULED else [])]
    whole = sum(len(tables.streams.get(stream_of(record.queue, record.executor, other), ())) for other in before)
    mine = [int(entry) for entry, _ in tables.streams.get(kept.stream, ())] if record.state is State.QUEUED else []
    return whole + sum(entry < int(kept.entry) for entry in mine)


def _running(tables: Tables, record: Record) -> int:
    held = [tables.tasks[id_].record for consumer in tables.consumers.values() for id_ in consumer.held]
    return sum((other.queue, other.executor) == (record.queue, record.executor) for other in held)


def _reads(tables: Tables, consumer: Consumer, record: Record) -> bool:
    return consumer.lease_ends >= tables.now() and record.queue in consumer.queues and record.executor in consumer.executors
