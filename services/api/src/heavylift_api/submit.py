"""Taking a task in: read → validate → record → report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from heavylift.claim_check import ClaimCheck
from heavylift.errors import HeavyliftError
from heavylift.idempotency import IdempotencyKey
from heavylift.record import Accepted as StoreAccepted
from heavylift.record import Durability, Standing, Submission, new_task_id, read_json
from heavylift.store.calls import FindAnswer, Read
from heavylift.submission import TaskSubmission, debounce_of, fault_of_times, unique_of
from heavylift.telemetry import Accepted, Refused, Reporter
from heavylift.telemetry.traces import sending
from heavylift_api.body import Member, check_media_type, read_object, validated
from heavylift_api.callers import Caller
from heavylift_api.catalogue import CatalogueCache, KnownKind
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import IdTaken, KeyReused, SubmissionInvalid, problem_type
from heavylift_api.gathering import Gathering
from heavylift_api.idempotency import Keys, read_key
from heavylift_api.schemas import Fault

NO_KIND: Final = "_unknown"  #: The kind of a refusal before one is found: what callers type must not become a label.


@dataclass(frozen=True, slots=True)
class Asked:
    """A submission that fits its schema, and its members as they were written."""

    submission: TaskSubmission
    members: Mapping[str, Member]

    @property
    def payload(self) -> str:
        """The JSON text of what the task works on."""
        return self.members["payload"].text if "payload" in self.members else "{}"


class Submitter:
    """Takes tasks in."""

    def __init__(
        self,
        store: TimelyStore,
        catalogue: CatalogueCache,
        reporter: Reporter,
        keys: Keys,
        *,
        eta_tolerance: float,
        durability: Durability,
    ) -> None:
        self._store = store
        self._gathering = Gathering(store)
        self._catalogue = catalogue
        self._reporter = reporter
        self._keys = keys
        self._eta_tolerance = timedelta(seconds=eta_tolerance)
        self.durability: Final = durability

    async def submit(self, caller: Caller, content_type: str | None, body: bytes, keys: Sequence[str] = ()) -> StoreAccepted:
        """Take one task in. ``keys``: what the request says as Idempotency-Key. Raises what ``heavylift_api.errors.TABLE`` lists.

        Then nothing is recorded, but after StoreUnavailable nobody knows: a Redis that was silent may yet do as it was told.
        """
        asked = None
        try:
            asked, key = read_submission(content_type, body), read_key(keys)
            with self._keys.in_flight(caller.tenant, key, asked.members) as known_by:
                async with self._store.deadline():
                    return await self._take(caller, asked, known_by)
        except HeavyliftError as error:
            self._reporter.report(Refused(kind=self.kind_of(asked), reason=problem_type(error).name))
            raise

    async def _take(self, caller: Caller, asked: Asked, key: IdempotencyKey | None) -> StoreAccepted:
        durability = asked.submission.durability or self.durability
        try:
            known = await self._catalogue.find(asked.submission.kind)
            task = self.validate(caller, asked, known, key)
        except HeavyliftError as refusal:
            return await self._answer_again(key, durability, refusal)
        return await self.record(task, durability)

    async def _answer_again(self, key: IdempotencyKey | None, durability: Durability, refusal: HeavyliftError) -> StoreAccepted:
        """What was answered while the request could still be taken: its `eta` may have passed since, or its kind have gone."""
        accepted = None if key is None else await self._store.run(FindAnswer(key, durability))
        if accepted is None:
            raise refusal
        return self.told(accepted)

    def kind_of(self, asked: Asked | None) -> str:
        """The kind that is asked for, as labels call it."""
        return asked.submission.kind if asked and self._catalogue.knows(asked.submission.kind) else NO_KIND

    def validate(self, caller: Caller, asked: Asked, known: KnownKind, key: IdempotencyKey | None) -> Submission:
        """What the store is to be asked for. Raises SubmissionInvalid, PayloadInvalid."""
        task = self.made(caller, asked, known, key)
        known.check(asked.submission.payload)
        return task

    def made(self, caller: Caller, asked: Asked, known: KnownKind, key: IdempotencyKey | None) -> Submission:
        """The same without a look at the payload. Raises SubmissionInvalid."""
        now = datetime.now(UTC)
        submission = asked.submission
        expires_at = None if submission.expires is None else now + timedelta(seconds=submission.expires)
        check_times(submission, now, expires_at, self._eta_tolerance)
        return Submission(
            id=submission.id or new_task_id(),
            kind=known.kind.name,
            payload=asked.payload,
            form=known.kind.form,
            queue=submission.queue or known.kind.queue,
            executor=known.kind.executor,
            priority=submission.priority or known.kind.priority,
            delay=submission.delay,
            eta=submission.eta,
            expires_at=expires_at,
            tags=tuple(dict.fromkeys(submission.tags)),
            max_attempts=known.kind.retry.max_attempts,
            idempotency_key=key,
            unique=unique_of(submission, caller.tenant),
            debounce=debounce_of(submission, submission.queue or known.kind.queue, caller.tenant),
            tenant=caller.tenant,
        )

    async def record(self, task: Submission, durability: Durability) -> StoreAccepted:
        """Record a task that is valid. Raises StoreUnavailable, NotReplicated, StoreRefused, IdTaken, KeyReused."""
        with sending(kind=task.kind, queue=task.queue, task_id=task.id) as traceparent:
            task = replace(task, traceparent=traceparent)
            accepted = await self._gathering.submit(task, durability)
            return self.told(await self.made_out(task, accepted))

    async def made_out(self, task: Submission, accepted: StoreAccepted) -> StoreAccepted:
        """The store's answer to ``task``, as it is told to callers. Raises IdTaken."""
        if accepted.standing is Standing.TAKEN:
            raise _id_taken(task)
        if accepted.standing is Standing.KNOWN:
            return await self._as_first(task, accepted)
        if accepted.standing is Standing.REPEATED and accepted.traceparent == task.traceparent:
            return replace(accepted, standing=Standing.NEW)  # it was we who asked Redis twice, and not the caller
        return accepted

    async def _as_first(self, again: Submission, accepted: StoreAccepted) -> StoreAccepted:
        """What was asked for when this id came first: of that the answer tells. Raises IdTaken when it was another task."""
        record = await self._store.run(Read(again.id, reach=again.tenant))
        if record is None:  # it has ended and was forgotten between the two questions
            return accepted
        if record.kind != again.kind or not _is_same(record.payload, again.payload):
            raise _id_taken(again)
        return replace(accepted, queue=record.queue, traceparent=record.traceparent)

    def told(self, accepted: StoreAccepted) -> StoreAccepted:
        """What the store has answered, as the caller is told. Raises KeyReused."""
        if accepted.standing is Standing.REUSED:
            raise KeyReused
        self._reporter.report(Accepted.of(accepted))
        return accepted


def read_submission(content_type: str | None, body: bytes) -> Asked:
    """What a request asks for. Raises MediaTypeWrong, BodyNotJson, SubmissionInvalid."""
    check_media_type(content_type)
    members = read_object(body)
    return asked_for(members)


def asked_for(members: Mapping[str, Member]) -> Asked:
    """What the members of a submission ask for. Raises SubmissionInvalid."""
    return Asked(validated(TaskSubmission, members), members)


def check_times(submission: TaskSubmission, now: datetime, expires_at: datetime | None, tolerance: timedelta) -> None:
    """Refuse a start that has passed, that is too far off, or that lies after the expiry. Raises SubmissionInvalid."""
    fault = fault_of_times(submission, now, expires_at, tolerance)
    if fault is not None:
        raise SubmissionInvalid([Fault(field=fault.field, message=fault.message)])


def _is_same(payload: str, again: str) -> bool:
    """Whether two payloads mean the same; what is put away is known by its digest."""
    first, second = ClaimCheck.read(payload), ClaimCheck.read(again)
    if first and second:
        return first.sha256 == second.sha256
    return not (first or second) and read_json(payload) == read_json(again)


def _id_taken(task: Submission) -> IdTaken:
    return IdTaken(f"another task has the id {task.id}: give each task an id of its own, and repeat one only for the same task")
