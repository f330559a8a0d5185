"""Taking batches in, as the API does: check each item → open → record in portions → tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from heavylift.batch import MOST_ITEMS, BatchItem
from heavylift.client.asks import Steps
from heavylift.client.direct import views
from heavylift.client.direct.asking import asked
from heavylift.client.direct.submitting import KEEP, Submitting
from heavylift.client.errors import KeyReused, Refused, faulty
from heavylift.client.item import Item
from heavylift.client.values import BatchReceipt, Fault, ItemAnswer
from heavylift.errors import HeavyliftError, StoreRefused, StoreUnavailable
from heavylift.idempotency import IdempotencyKey, Scope, fingerprint
from heavylift.record import Accepted, Durability, Standing, Submission, new_task_id
from heavylift.store.calls import CloseBatch, OpenBatch, Opened, Submit
from heavylift.telemetry.traces import sending

PORTION: Final = 200  #: Items in one call: some ten milliseconds of Redis.
MOST_ATOMIC: Final = 1000  #: Items of an atomic batch: they are one call, which holds Redis for some fifty milliseconds.
MOST_FAULTS: Final = 100  #: Faults that the refusal of an atomic batch names.

_BATCHES: Final = Scope("POST /v1/batches")


@dataclass(slots=True)
class Place:
    """An item on its way: what the store is asked for, and what came of it."""

    number: int
    task: Submission | None = None
    fresh: bool = True  #: Its id was made here.
    durability: Durability = Durability.MEMORY
    answer: Accepted | HeavyliftError | None = None


class Batching:
    """Takes batches in."""

    def __init__(self, submitting: Submitting) -> None:
        self._submitting = submitting
        self._patience = submitting.patience

    def submit(self, items: Sequence[Item], idempotency_key: str, *, atomic: bool) -> Steps[BatchReceipt]:
        members = [item.members() for item in items]
        key = IdempotencyKey(_BATCHES.name(idempotency_key), fingerprint({"atomic": atomic, "tasks": members}), KEEP)
        places = yield from self._vet_all(members, key)
        if atomic:
            _check_all_fit(places)
        expected = sum(place.task is not None for place in places)
        opened = yield from asked(OpenBatch(new_task_id(), expected, key, _strictest(places)), self._patience)
        if opened.standing is Standing.REUSED:
            raise KeyReused
        yield from self._record_all(places, opened, whole=atomic)
        return _receipt(opened, places)

    def _vet_all(self, members: Sequence[dict[str, Any]], key: IdempotencyKey) -> Steps[list[Place]]:
        if not members or len(members) > MOST_ITEMS:
            wrong = (
                f"has more than {MOST_ITEMS} items; send several batches" if members else "has no items; a batch has one at least"
            )
            raise faulty([Fault("tasks", wrong)])
        places = [Place(number) for number in range(len(members))]
        taken: set[str] = set()
        for place, said in zip(places, members, strict=True):
            try:
                place.task, place.durability = yield from self._submitting.validated(said, key.of_item(place.number))
                place.fresh = "id" not in said
                _check_is_new(place.task, taken)
            except Refused as error:
                place.task, place.answer = None, error.with_traceback(None)
        return places

    def _record_all(self, places: Sequence[Place], opened: Opened, *, whole: bool) -> Steps[None]:
        good = [place for place in places if place.task]
        trouble = False
        with sending(kind="batch", queue="", task_id=opened.id) as traceparent:
            for portion in _portions(good, len(good) if whole else PORTION):
                try:
                    yield from self._record_portion(portion, opened.id, traceparent)
                except (StoreUnavailable, StoreRefused) as error:
                    if portion[0] is good[0]:
                        raise
                    trouble = True
                    for place in portion:
                        place.answer = error.with_traceback(None)
        if trouble:  # else it would be waited for
            yield from asked(CloseBatch(opened.id), self._patience)

    def _record_portion(self, portion: Sequence[Place], batch: str, traceparent: str) -> Steps[None]:
        tasks = [
            replace(place.task, traceparent=traceparent, item=BatchItem(batch, place.number)) for place in portion if place.task
        ]
        answers = yield from asked(Submit(tuple(tasks), _strictest(portion)), self._patience)
        for place, task, accepted in zip(portion, tasks, answers, strict=True):
            try:
                place.answer = yield from self._submitting.made_out(task, accepted, fresh=place.fresh)
            except HeavyliftError as error:
                place.answer = error.with_traceback(None)


def _check_is_new(task: Submission, taken: set[str]) -> None:
    if task.id in taken:
        raise faulty([Fault("id", "is that of another item; give each an id of its own")])
    taken.add(task.id)


def _strictest(places: Sequence[Place]) -> Durability:
    """Those of one call are confirmed together."""
    return Durability.REPLICA if any(place.durability is Durability.REPLICA for place in places) else Durability.MEMORY


def _portions(places: Sequence[Place], size: int) -> Iterator[Sequence[Place]]:
    return (places[first : first + size] for first in range(0, len(places), size or 1))


def _check_all_fit(places: Sequence[Place]) -> None:
    if len(places) > MOST_ATOMIC:
        wrong = f"has more than the {MOST_ATOMIC} items of an atomic batch; send several, or leave atomic out"
        raise faulty([Fault("tasks", wrong)])
    faults = [fault for place in places if isinstance(place.answer, Refused) for fault in _faults(place.number, place.answer)]
    if faults:
        raise faulty(faults[:MOST_FAULTS])


def _faults(number: int, error: Refused) -> Iterator[Fault]:
    for fault in error.faults:
        yield Fault(f"tasks.{number}.{fault.field}", fault.message)
    if not error.faults:
        yield Fault(f"tasks.{number}", str(error))


def _receipt(opened: Opened, places: Sequence[Place]) -> BatchReceipt:
    answers = tuple(_answer(place) for place in places)
    accepted = sum(answer.task is not None for answer in answers)
    replayed = opened.standing is Standing.REPEATED
    refused = len(answers) - accepted
    return BatchReceipt(id=opened.id, items=len(answers), accepted=accepted, refused=refused, answers=answers, replayed=replayed)


def _answer(place: Place) -> ItemAnswer:
    if isinstance(place.answer, Accepted):
        return ItemAnswer(replace(views.receipt(place.answer), replayed=False), None)
    return ItemAnswer(None, place.answer)
