"""Consumers come, stay and go, and what they held goes on."""

from datetime import timedelta
from typing import Any

from heavylift.fingerprint import fingerprint_of_loss
from heavylift.history import Fate
from heavylift.outcome import Failure
from heavylift.record import Executor
from heavylift.state import FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import HandedOn
from heavylift.store.memory.rest import rests_by_order
from heavylift.store.memory.tables import Consumer, Tables, as_json


def register(tables: Tables, call: calls.Register) -> tuple[str, ...]:
    former = tables.consumers.get(call.consumer)
    held = set(former.held if former else ())
    running = {id_ for id_ in held.intersection(call.in_hand) if tables.tasks[id_].record.state is State.RUNNING}
    lost = tuple(id_ for id_ in call.in_hand if id_ not in running)
    for kept in sorted((tables.tasks[id_] for id_ in held), key=lambda kept: kept.place):
        if kept.record.state is State.QUEUED:
            tables.enqueue(kept, "returned")
        elif kept.record.id not in call.in_hand:
            tables.give_back(kept)
    for queue in call.queues:
        tables.know(queue)
    lease_ends = tables.now() + timedelta(seconds=call.lease)
    rests = rests_by_order(tables, call.consumer)
    tables.consumers[call.consumer] = Consumer(call.queues, lease_ends, running, rests, call.executors)
    return lost


def renew(tables: Tables, call: calls.Renew) -> calls.Orders:
    now, lease = tables.now(), timedelta(seconds=call.lease)
    living = {name: tables.consumers[name] for name in call.consumers if name in tables.consumers}
    for name, consumer in living.items():
        consumer.rests = consumer.rests and rests_by_order(tables, name)
        if consumer.lease_ends - now <= lease * 2 / 3:
            consumer.lease_ends = now + lease
    orders = {name: _to_cancel(tables, consumer) for name, consumer in living.items()}
    lost = tuple(name for name in call.consumers if name not in living)
    return calls.Orders(lost, {name: ids for name, ids in orders.items() if ids})


def _to_cancel(tables: Tables, consumer: Consumer) -> frozenset[str]:
    held = (tables.tasks[id_].record for id_ in consumer.held)
    return frozenset(record.id for record in held if record.state is State.RUNNING and record.cancel_requested)


def hand_on(tables: Tables, call: calls.HandOn) -> HandedOn:
    return _end_consumer(tables, call.consumer, call.cause, blame=call.blame, ran=call.ran, max_deaths=call.max_deaths)


def reap(tables: Tables, call: calls.Reap) -> tuple[HandedOn, ...]:
    now, lease = tables.now(), timedelta(seconds=call.lease)
    if tables.last_reap is None or now - tables.last_reap > lease / 2:
        tables.no_reap_before = now + lease
    tables.last_reap = now
    if lease and now < tables.no_reap_before:
        return ()
    ends = sorted((consumer.lease_ends, name) for name, consumer in tables.consumers.items())
    dead = [name for end, name in ends if end <= tables.now()][: call.count]
    return tuple(_end_consumer(tables, name, "its lease ended", blame=True, max_deaths=call.max_deaths) for name in dead)


def _end_consumer(tables: Tables, name: str, cause: str, *, blame: bool, max_deaths: float, ran: str = "") -> HandedOn:
    consumer = tables.consumers.pop(name, None)
    held = sorted((tables.tasks[id_] for id_ in consumer.held) if consumer else (), key=lambda kept: kept.place)
    became: dict[State, list[str]] = {state: [] for state in (State.QUEUED, State.FAILED, State.CANCELLED)}
    became[State.QUEUED] = [kept.record.id for kept in held if kept.record.state is State.QUEUED]
    for kept in held:
        if kept.record.state is State.QUEUED:
            tables.enqueue(kept, "returned")
    running = [kept for kept in held if kept.record.state is State.RUNNING]
    ran = running[0].record.id if not ran and len(running) == 1 else ran
    unclear = blame and not ran
    for kept in running:
        blamed = (blame and ran == kept.record.id) or (unclear and kept.suspect)
        deaths = kept.record.deaths + int(blamed)
        if not ran or ran == kept.record.id:
            tables.note(kept, Fate.WORKER_LOST if blame else Fate.HANDED_BACK, error_type="WorkerLost", cause=cause)
        if kept.record.cancel_requested:
            tables.end(kept, State.CANCELLED, deaths=deaths)
        elif blamed and deaths >= max_deaths:
            tables.end(kept, State.FAILED, deaths=deaths, **_quarantined(deaths, cause))
        else:
            kept.doubts += int(unclear)
            executor = Executor.PROCESS if kept.suspect else kept.record.executor
            tables.requeue(kept, deaths=deaths, executor=executor)
        became[kept.record.state].append(kept.record.id)
    return HandedOn(name, *(tuple(ids) for ids in became.values()))


def _quarantined(deaths: int, cause: str) -> dict[str, Any]:
    message = f"quarantined: {deaths} workers died while they ran this task; the last: {cause}"
    error = as_json(Failure("WorkerLost", message, retryable=False, details=({"cause": cause},)))
    return {"error": error, "reason": FailureReason.QUARANTINED, "fingerprint": fingerprint_of_loss("WorkerLost", cause)}
