"""Taking a task in: read → validate → record → report."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from heavylift.errors import HeavyliftError
from heavylift.record import Accepted as StoreAccepted
from heavylift.record import Durability, Submission, new_task_id, read_json
from heavylift.store.calls import Read, Submit
from heavylift.telemetry import Accepted, Refused, Reporter
from heavylift.telemetry.traces import sending
from heavylift_api.body import check_media_type, read_object, validated
from heavylift_api.catalogue import CatalogueCache, KnownKind
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import IdTaken, SubmissionInvalid, problem_type
from heavylift_api.schemas import LONGEST_DELAY, Fault, TaskAccepted, TaskSubmission
from heavylift_api.views import accepted_view

NO_KIND: Final = "_unknown"  #: The kind of a refusal before one is found: what callers type must not become a label.


@dataclass(frozen=True, slots=True)
class Asked:
    """A submission that fits its schema, and its payload as it was written."""

    submission: TaskSubmission
    payload: str


class Submitter:
    """Takes tasks in."""

    def __init__(
        self,
        store: TimelyStore,
        catalogue: CatalogueCache,
        reporter: Reporter,
        *,
        eta_tolerance: float,
        durability: Durability,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._reporter = reporter
        self._eta_tolerance = timedelta(seconds=eta_tolerance)
        self._durability = durability

    async def submit(self, content_type: str | None, body: bytes) -> TaskAccepted:
        """Take one task in. Raises what ``heavylift_api.errors.TABLE`` lists.

        Then nothing is recorded, but after StoreUnavailable nobody knows: a Redis that was silent may yet do as it was told.
        """
        kind = NO_KIND
        try:
            asked = read_submission(content_type, body)
            async with self._store.deadline():
                known = await self._catalogue.find(asked.submission.kind)
                kind = known.kind.name
                task = self._validate(asked, known)
                return await self._record(task, asked.submission.durability or self._durability)
        except HeavyliftError as error:
            self._reporter.report(Refused(kind=kind, reason=problem_type(error).name))
            raise

    def _validate(self, asked: Asked, known: KnownKind) -> Submission:
        now = datetime.now(UTC)
        submission = asked.submission
        expires_at = None if submission.expires is None else now + timedelta(seconds=submission.expires)
        check_times(submission, now, expires_at, self._eta_tolerance)
        known.check(submission.payload)
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
        )

    async def _record(self, task: Submission, durability: Durability) -> TaskAccepted:
        with sending(kind=task.kind, queue=task.queue, task_id=task.id) as traceparent:
            traced = replace(task, traceparent=traceparent)
            (accepted,) = await self._store.run(Submit((traced,), durability))
            if accepted.duplicate:
                traced = await self._first(traced)
            self._report(traced, accepted)
        return accepted_view(traced, accepted)

    async def _first(self, again: Submission) -> Submission:
        """What was asked for when this id came first: of that the answer tells. Raises IdTaken when it was another task."""
        record = await self._store.run(Read(again.id))
        if record is None:  # it has ended and was forgotten between the two questions
            return again
        if record.kind != again.kind or read_json(record.payload) != read_json(again.payload):
            raise IdTaken(
                f"another task has the id {again.id}: give each task an id of its own, and repeat one only for the same task"
            )
        return replace(again, queue=record.queue, traceparent=record.traceparent)

    def _report(self, task: Submission, accepted: StoreAccepted) -> None:
        self._reporter.report(
            Accepted(
                task_id=task.id,
                kind=task.kind,
                queue=task.queue,
                state=accepted.state,
                traceparent=task.traceparent,
                duplicate=accepted.duplicate,
            )
        )


def read_submission(content_type: str | None, body: bytes) -> Asked:
    """What a request asks for. Raises MediaTypeWrong, BodyNotJson, SubmissionInvalid."""
    check_media_type(content_type)
    members = read_object(body)
    return Asked(validated(TaskSubmission, members), members["payload"].text if "payload" in members else "{}")


def check_times(submission: TaskSubmission, now: datetime, expires_at: datetime | None, tolerance: timedelta) -> None:
    """Refuse a start that has passed, that is too far off, or that lies after the expiry. Raises SubmissionInvalid."""
    eta = submission.eta
    if eta is not None and eta < now - tolerance:
        raise _wrong("eta", f"is past: now is {now.isoformat(timespec='seconds')}; leave it out to start at once")
    if eta is not None and eta > now + timedelta(seconds=LONGEST_DELAY):
        raise _wrong("eta", f"is more than {LONGEST_DELAY // 86_400} days away")
    start = eta or now + timedelta(seconds=submission.delay or 0)
    if expires_at is not None and expires_at <= start:
        raise _wrong("expires", "counts from the submission and ends before the task may start; make it longer than the delay")


def _wrong(field: str, message: str) -> SubmissionInvalid:
    return SubmissionInvalid([Fault(field=field, message=message)])
