"""Taking tasks in, as the API does: check → record → tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from heavylift.client.asks import Steps
from heavylift.client.direct import views
from heavylift.client.direct.asking import asked
from heavylift.client.direct.catalogue import DirectCatalogue
from heavylift.client.direct.payload_text import payload_text
from heavylift.client.errors import IdTaken, KeyReused, Refused, faulty
from heavylift.client.item import Item
from heavylift.client.values import Receipt
from heavylift.errors import HeavyliftError
from heavylift.faults import faults_of
from heavylift.idempotency import IdempotencyKey, Scope, fingerprint
from heavylift.record import Accepted, Durability, Standing, Submission, new_task_id, read_json, read_value
from heavylift.store.calls import FindAnswer, Read, Submit
from heavylift.submission import TaskSubmission, debounce_of, fault_of_times, unique_of
from heavylift.telemetry.traces import sending

KEEP: Final = 86_400.0  #: Seconds for which a repeated submission is known by its key, as by the API unless it is set otherwise.
TOLERANCE: Final = timedelta(seconds=60)  #: By which a start may be past and still count as now: clocks differ.

_TASKS: Final = Scope("POST /v1/tasks")  #: The same as over HTTP: who repeats a request there gets the answer of this one.


class Submitting:
    """Takes tasks in. ``durability`` is that of a task that says nothing of it."""

    def __init__(self, catalogue: DirectCatalogue, durability: Durability, patience: float) -> None:
        self._catalogue = catalogue
        self.durability = durability
        self.patience = patience

    def submit(self, item: Item, idempotency_key: str) -> Steps[Receipt]:
        members = item.members()
        key = IdempotencyKey(_TASKS.name(idempotency_key), fingerprint(members), KEEP)
        try:
            task, durability = yield from self.validated(members, key)
        except Refused as refusal:
            return views.receipt((yield from self._answer_again(key, refusal)))
        return (yield from self._record(task, durability, fresh=item.id is None))

    def _record(self, task: Submission, durability: Durability, *, fresh: bool) -> Steps[Receipt]:
        with sending(kind=task.kind, queue=task.queue, task_id=task.id) as traceparent:
            traced = replace(task, traceparent=traceparent)
            (accepted,) = yield from asked(Submit((traced,), durability), self.patience)
        return views.receipt((yield from self.made_out(traced, accepted, fresh=fresh)))

    def validated(self, members: dict[str, Any], key: IdempotencyKey | None) -> Steps[tuple[Submission, Durability]]:
        """What the store is to be asked for. Raises RequestInvalid, KindUnknown, PayloadUnfit."""
        submission = _submission(members)
        known = yield from self._catalogue.find(submission.kind)
        now = datetime.now(UTC)
        expires_at = None if submission.expires is None else now + timedelta(seconds=submission.expires)
        if fault := fault_of_times(submission, now, expires_at, TOLERANCE):
            raise faulty([fault])
        known.check(submission.payload)
        kind = known.kind
        task = Submission(
            id=submission.id or new_task_id(),
            kind=kind.name,
            payload=payload_text(submission.payload),
            form=kind.form,
            queue=submission.queue or kind.queue,
            executor=kind.executor,
            priority=submission.priority or kind.priority,
            delay=submission.delay,
            eta=submission.eta,
            expires_at=expires_at,
            tags=tuple(dict.fromkeys(submission.tags)),
            max_attempts=kind.retry.max_attempts,
            idempotency_key=key,
            unique=unique_of(submission, ""),
            debounce=debounce_of(submission, submission.queue or kind.queue, ""),
        )
        return task, submission.durability or self.durability

    def _answer_again(self, key: IdempotencyKey, refusal: HeavyliftError) -> Steps[Accepted]:
        """What was answered while the request could still be taken: its start may have passed since, or its kind have gone."""
        accepted = yield from asked(FindAnswer(key, self.durability), self.patience)
        if accepted is None:
            raise refusal
        return _told(accepted)

    def made_out(self, task: Submission, accepted: Accepted, *, fresh: bool) -> Steps[Accepted]:
        """The store's answer to ``task``, whose id is ``fresh`` where it was made here. Raises IdTaken, KeyReused."""
        if accepted.standing is Standing.TAKEN:
            raise _id_taken(task)
        if accepted.standing is Standing.KNOWN:
            return (yield from self._as_first(task, accepted))
        if accepted.standing is Standing.REPEATED and fresh and accepted.id == task.id:
            return replace(accepted, standing=Standing.NEW)  # it was we who asked Redis twice, and not the caller
        return _told(accepted)

    def _as_first(self, again: Submission, accepted: Accepted) -> Steps[Accepted]:
        record = yield from asked(Read(again.id, reach=again.tenant), self.patience)
        if record is None:
            return accepted
        if record.kind != again.kind or read_value(record.payload) != read_json(again.payload):
            raise _id_taken(again)
        return replace(accepted, queue=record.queue, traceparent=record.traceparent)


def _submission(members: dict[str, Any]) -> TaskSubmission:
    try:
        return TaskSubmission.model_validate(members)
    except ValidationError as error:
        raise faulty(faults_of(error.errors(include_url=False, include_context=False))) from None


def _told(accepted: Accepted) -> Accepted:
    if accepted.standing is Standing.REUSED:
        raise KeyReused
    return accepted


def _id_taken(task: Submission) -> IdTaken:
    return IdTaken(f"another task has the id {task.id}: give each task an id of its own, and repeat one only for the same task")
