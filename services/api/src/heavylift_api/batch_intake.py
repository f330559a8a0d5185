"""Taking a batch in: read → vet each item → open → record in portions → report."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from heavylift.batch import BatchItem
from heavylift.errors import HeavyliftError, QueueFull, StoreRefused, StoreUnavailable
from heavylift.idempotency import IdempotencyKey
from heavylift.record import Accepted, Durability, Standing, Submission, new_task_id
from heavylift.store.calls import CloseBatch, FindAnswer, OpenBatch, Opened, Submit, SubmitEach
from heavylift.telemetry import BatchAccepted, Refused, Reporter, TasksAccepted
from heavylift.telemetry.traces import sending
from heavylift_api.batch_body import Item, read_items
from heavylift_api.body import Member
from heavylift_api.callers import Caller
from heavylift_api.catalogue import CatalogueCache
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import KeyReused, SubmissionInvalid, problem_type
from heavylift_api.idempotency import Keys, read_key
from heavylift_api.schemas import Fault
from heavylift_api.submit import Asked, Submitter, asked_for

PORTION: Final = 200  #: Items in one call: some ten milliseconds of Redis.
MOST_ATOMIC: Final = 1000  #: Items of an atomic batch: they are one call, which holds Redis for some fifty milliseconds.
MOST_FAULTS: Final = 100  #: Faults that the refusal of an atomic batch names.
_BREATH: Final = 50  #: Items after which other requests have their turn.

Answer = Accepted | HeavyliftError


@dataclass(slots=True)
class Place:
    """An item on its way: what it asks for, what the store is asked for, and what came of it."""

    number: int
    asked: Asked | None = None
    task: Submission | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A batch that was taken in. ``answers`` are those to its items; ``replayed``: it had been before."""

    id: str
    answers: tuple[Answer, ...]
    replayed: bool


class BatchIntake:
    """Takes batches in."""

    def __init__(
        self,
        store: TimelyStore,
        catalogue: CatalogueCache,
        submitter: Submitter,
        reporter: Reporter,
        keys: Keys,
        *,
        durability: Durability,
        item_limit: int,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._submitter = submitter
        self._reporter = reporter
        self._keys = keys
        self._durability = durability
        self._item_limit = item_limit

    async def submit(
        self, caller: Caller, content_type: str | None, body: bytes, keys: Sequence[str] = (), *, atomic: bool = False
    ) -> TakenIn:
        """Take a batch in. ``atomic``: all of its items or none, and at most ``MOST_ATOMIC``.

        Raises what ``heavylift_api.errors.TABLE`` lists; then no task is recorded, but after StoreUnavailable nobody knows. Once
        the first portion is recorded, what goes wrong with others is the answer to their items.
        """
        items = [item async for item in _unhurried(read_items(content_type, body, item_limit=self._item_limit))]
        said = read_key(keys)
        with self._keys.in_flight(caller.tenant, said, {} if said is None else _members(items, atomic=atomic)) as key:
            places = await self._vet_all(caller, items, key)
            if atomic:
                check_all_fit(places)
            opened = await self._open(caller, places, key)
            await self._record_all(places, opened, whole=atomic)
            if opened.standing is Standing.REPEATED:
                await self._find_answers(places, key)
        return self._told(opened, places)

    async def _vet_all(self, caller: Caller, items: Sequence[Item], key: IdempotencyKey | None) -> list[Place]:
        places = [Place(number) for number in range(len(items))]
        for place, item in zip(places, items, strict=True):
            await _breathe(place.number)
            _ask(place, item)
        await self._catalogue.look_for({place.asked.submission.kind for place in places if place.asked})
        taken: set[str] = set()
        for place in places:
            await _breathe(place.number)
            self._vet(caller, place, _key_of_item(key, place.number), taken)
        return places

    def _vet(self, caller: Caller, place: Place, key: IdempotencyKey | None, taken: set[str]) -> None:
        if place.asked is None:
            return
        try:
            task = self._submitter.validate(caller, place.asked, self._catalogue.get(place.asked.submission.kind), key)
            if task.id in taken:
                raise SubmissionInvalid([Fault(field="id", message="is that of another item; give each an id of its own")])
            taken.add(task.id)
            place.task = task
        except HeavyliftError as error:
            place.answer = error.with_traceback(None)

    async def _open(self, caller: Caller, places: Sequence[Place], key: IdempotencyKey | None) -> Opened:
        expected = sum(place.task is not None for place in places)
        opened = await self._store.run(OpenBatch(new_task_id(), expected, key, self._durability_of(places), caller.tenant))
        if opened.standing is Standing.REUSED:
            raise KeyReused
        return opened

    async def _record_all(self, places: Sequence[Place], opened: Opened, *, whole: bool) -> None:
        good = [place for place in places if place.task]
        trouble: HeavyliftError | None = None
        with sending(kind="batch", queue="", task_id=opened.id) as traceparent:
            for portion in _portions(good, len(good) if whole else PORTION):
                try:
                    await self._record(portion, opened.id, traceparent, whole=whole)
                except (StoreUnavailable, StoreRefused) as error:
                    if portion[0] is good[0]:
                        raise
                    trouble = trouble or error
                    _answer_all(portion, error)
        if trouble is not None or any(isinstance(place.answer, QueueFull) for place in good):  # else it would be waited for
            with suppress(HeavyliftError):
                await self._store.run(CloseBatch(opened.id))

    async def _record(self, portion: Sequence[Place], batch: str, traceparent: str, *, whole: bool) -> None:
        tasks = [
            replace(place.task, traceparent=traceparent, item=BatchItem(batch, place.number)) for place in portion if place.task
        ]
        answers = await self._submit(tuple(tasks), self._durability_of(portion), whole=whole)
        for place, task, told in zip(portion, tasks, answers, strict=True):
            place.answer = told if isinstance(told, QueueFull) else await self._made_out(task, told)

    async def _submit(
        self, tasks: tuple[Submission, ...], durability: Durability, *, whole: bool
    ) -> Sequence[Accepted | QueueFull]:
        if whole:
            return await self._store.run(Submit(tasks, durability))
        return await self._store.run(SubmitEach(tasks, durability))

    async def _made_out(self, task: Submission, accepted: Accepted) -> Answer:
        try:
            return await self._submitter.made_out(task, accepted)
        except HeavyliftError as error:  # its id is that of another task
            return error.with_traceback(None)

    async def _find_answers(self, places: Sequence[Place], key: IdempotencyKey | None) -> None:
        """What was answered while an item could still be taken: its `eta` may have passed since, or its kind have gone."""
        for place in places:
            if place.task is None and (item_key := _key_of_item(key, place.number)):
                place.answer = await self._store.run(FindAnswer(item_key)) or place.answer

    def _durability_of(self, places: Sequence[Place]) -> Durability:
        """The strictest that any of them asks for: those of one call are confirmed together."""
        wanted = {place.asked.submission.durability or self._durability for place in places if place.asked}
        return Durability.REPLICA if Durability.REPLICA in wanted else Durability.MEMORY

    def _told(self, opened: Opened, places: Sequence[Place]) -> TakenIn:
        answers = tuple(place.answer for place in places if place.answer is not None)
        accepted = [answer for answer in answers if isinstance(answer, Accepted)]
        for event in (*_accepted_events(accepted), *self._refused_events(places)):
            self._reporter.report(event)
        self._reporter.report(BatchAccepted(batch_id=opened.id, items=len(places), accepted=len(accepted)))
        return TakenIn(opened.id, answers, opened.standing is Standing.REPEATED)

    def _refused_events(self, places: Sequence[Place]) -> Iterator[Refused]:
        refused = [(place.asked, place.answer) for place in places if isinstance(place.answer, HeavyliftError)]
        counts = Counter((self._submitter.kind_of(asked), problem_type(error).name) for asked, error in refused)
        for (kind, reason), count in counts.items():
            yield Refused(kind=kind, reason=reason, count=count)


def check_all_fit(places: Sequence[Place]) -> None:
    """Raise SubmissionInvalid, which names what is wrong with each item of an atomic batch, unless nothing is."""
    if len(places) > MOST_ATOMIC:
        message = f"has more than the {MOST_ATOMIC} items of an atomic batch; send several, or leave `atomic` out"
        raise SubmissionInvalid([Fault(field="tasks", message=message)])
    faults = [
        fault for place in places if isinstance(place.answer, HeavyliftError) for fault in _faults(place.number, place.answer)
    ]
    if faults:
        raise SubmissionInvalid(faults[:MOST_FAULTS])


def _faults(number: int, error: HeavyliftError) -> Iterator[Fault]:
    faults: Sequence[Fault] = getattr(error, "faults", ())
    for fault in faults:
        yield Fault(field=f"tasks.{number}.{fault.field}", message=fault.message)
    if not faults:
        yield Fault(field=f"tasks.{number}", message=str(error))


def _accepted_events(accepted: Sequence[Accepted]) -> Iterator[TasksAccepted]:
    alike: defaultdict[tuple[str, str], list[Accepted]] = defaultdict(list)
    for answer in accepted:
        alike[answer.kind, answer.queue].append(answer)
    for (kind, queue), answers in alike.items():
        known = sum(answer.duplicate for answer in answers)
        traceparent = answers[0].traceparent
        yield TasksAccepted(kind=kind, queue=queue, count=len(answers) - known, known=known, traceparent=traceparent)


def _ask(place: Place, item: Item) -> None:
    try:
        if isinstance(item, HeavyliftError):
            raise item
        place.asked = asked_for(item)
    except HeavyliftError as error:
        place.answer = error.with_traceback(None)


def _answer_all(places: Sequence[Place], error: HeavyliftError) -> None:
    for place in places:
        place.answer = error.with_traceback(None)


def _portions(places: Sequence[Place], size: int) -> Iterator[Sequence[Place]]:
    return (places[first : first + size] for first in range(0, len(places), size or 1))


def _members(items: Sequence[Item], *, atomic: bool) -> dict[str, Member]:
    """What a batch asks for, for the fingerprint of its idempotency key."""
    tasks = [str(item) if isinstance(item, HeavyliftError) else {name: m.value for name, m in item.items()} for item in items]
    return {"atomic": Member(atomic, ""), "tasks": Member(tasks, "")}


def _key_of_item(key: IdempotencyKey | None, number: int) -> IdempotencyKey | None:
    return None if key is None else key.of_item(number)


async def _unhurried(items: Iterator[Item]) -> AsyncIterator[Item]:
    for number, item in enumerate(items):
        await _breathe(number)
        yield item


async def _breathe(number: int) -> None:
    if number % _BREATH == _BREATH - 1:
        await asyncio.sleep(0)
