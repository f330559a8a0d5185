"""Dead letters: look through them, give them another life, or let them go."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from heavylift.access import Scope
from heavylift.store import by_filter
from heavylift.store.by_filter import Steps
from heavylift.store.calls import (
    DeadFilter,
    DeadGroups,
    DeadLetters,
    Discard,
    FormerPayloads,
    Moved,
    Read,
    ReadHistory,
    Replay,
    ReplayEdited,
)
from heavylift.store.driving import drive_async
from heavylift.telemetry import DeadLettersDiscarded, DeadLettersReplayed, Reporter
from heavylift_api.body import Member, check_media_type, read_object, validated
from heavylift_api.callers import Caller
from heavylift_api.catalogue import CatalogueCache
from heavylift_api.dead_letter_shapes import (
    Attempts,
    Bulk,
    BulkOutcome,
    DeadLetterGroups,
    DeadLetterPage,
    DeadLetterQuery,
    DiscardRequest,
    GroupQuery,
    ReplayEdit,
    ReplayRequest,
)
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import NotDead, ScopeMissing, SubmissionInvalid
from heavylift_api.observe import existing, read_cursor, write_cursor
from heavylift_api.schemas import Fault, TaskView
from heavylift_api.views import attempt_view, group_view, outcome_view, task_summary, task_view

_UNSAID: Final = "say which dead letters are meant by kind, queue, reason, fingerprint, since or until, or set all to true"


class DeadLetterOffice:
    """Answers what failed, and does what is to be done about it."""

    def __init__(self, store: TimelyStore, catalogue: CatalogueCache, reporter: Reporter) -> None:
        self._store = store
        self._catalogue = catalogue
        self._reporter = reporter

    async def list(self, caller: Caller, query: DeadLetterQuery, path: str) -> DeadLetterPage:
        """One page; its ``next`` is an address under ``path``. Raises CursorInvalid."""
        wanted = query.to_filter()
        cursor = None if query.cursor is None else read_cursor(query.cursor)
        page = await self._store.run(DeadLetters(_within(caller, wanted), query.limit, cursor))
        following = None if page.cursor is None else write_cursor(page.cursor)
        return DeadLetterPage(
            tasks=tuple(task_summary(record, caller) for record in page.records),
            cursor=following,
            next=None if following is None else f"{path}?{wanted.as_query(limit=query.limit, cursor=following)}",
        )

    async def groups(self, caller: Caller, query: GroupQuery, path: str) -> DeadLetterGroups:
        """What fails most; each group's tasks are at an address under ``path``."""
        reply = await self._store.run(DeadGroups(_within(caller, query.to_filter()), query.limit))
        return DeadLetterGroups(groups=tuple(group_view(group, path) for group in reply.groups), more=reply.more)

    async def attempts(self, caller: Caller, id_: str) -> Attempts:
        """The attempts of any task that did not succeed. Raises TaskNotFound."""
        async with self._store.deadline():
            existing(id_, await self._store.run(Read(id_, reach=caller.reach)))
            history = await self._store.run(ReadHistory(id_))
            payloads = await self._former_payloads(id_, [past.run for past in history if past.edited])
        views = (attempt_view(past, payloads.get(past.run) if past.edited else None, caller) for past in history)
        return Attempts(attempts=tuple(views))

    async def _former_payloads(self, id_: str, runs: Sequence[int]) -> dict[int, str | None]:
        if not runs:
            return {}
        payloads = await self._store.run(FormerPayloads(id_, tuple(runs)))
        return dict(zip(runs, payloads, strict=True))

    async def replay(self, caller: Caller, id_: str, edit: Member | None = None) -> TaskView:
        """One dead letter begins anew, with the payload of ``edit`` if there is one; the task as it is then.

        Raises TaskNotFound, NotDead; for an edit also ScopeMissing, UnknownKind, PayloadInvalid.
        """
        call = None if edit is None else await self._edited(caller, id_, edit)
        async with self._store.deadline():
            reply = await self._store.run(call) if call else (await self._store.run(Replay((id_,), reach=caller.reach))).tasks[0]
            _check_was_dead(reply)
            record = existing(id_, await self._store.run(Read(id_, reach=caller.reach)))
        self._reporter.report(DeadLettersReplayed(task_id=id_))
        return task_view(record, caller)

    async def _edited(self, caller: Caller, id_: str, edit: Member) -> ReplayEdited:
        """What the store is asked for. Who says what a task works on submits it, whoever made it."""
        if Scope.SUBMIT not in caller.scopes:
            raise ScopeMissing({Scope.SUBMIT})
        async with self._store.deadline():
            record = existing(id_, await self._store.run(Read(id_, reach=caller.reach)))
            known = await self._catalogue.find(record.kind)
        known.check(edit.value)
        return ReplayEdited(id_, edit.text, known.kind.form, caller.reach)

    async def discard(self, caller: Caller, id_: str) -> TaskView:
        """One dead letter is deleted; the task as it was. Raises TaskNotFound, NotDead."""
        async with self._store.deadline():
            record = existing(id_, await self._store.run(Read(id_, reach=caller.reach)))
            (reply,) = await self._store.run(Discard((id_,), caller.reach))
            _check_was_dead(reply)
        self._reporter.report(DeadLettersDiscarded(task_id=id_))
        return task_view(record, caller)

    async def replay_many(self, caller: Caller, request: ReplayRequest) -> BulkOutcome:
        """All that fit begin anew. Raises SubmissionInvalid; StoreUnavailable with part of it done: ask again for the rest."""
        wanted = _within(caller, request.to_filter())
        outcome = await self._treat(caller, request, by_filter.replay_matching(wanted, limit=request.limit, rate=request.rate))
        if not request.dry_run:
            self._reporter.report(DeadLettersReplayed(count=outcome.changed, wanted=wanted.as_query(), rate=request.rate))
        return outcome

    async def discard_many(self, caller: Caller, request: DiscardRequest) -> BulkOutcome:
        """All that fit are deleted. Raises the same."""
        wanted = _within(caller, request.to_filter())
        outcome = await self._treat(caller, request, by_filter.discard_matching(wanted, limit=request.limit))
        if not request.dry_run:
            self._reporter.report(DeadLettersDiscarded(count=outcome.changed, wanted=wanted.as_query()))
        return outcome

    async def _treat(self, caller: Caller, request: Bulk, steps: Steps) -> BulkOutcome:
        if not request.said_what_is_meant():
            raise SubmissionInvalid([Fault(field="all", message=_UNSAID)])
        if request.dry_run:
            steps = by_filter.count_matching(_within(caller, request.to_filter()), limit=request.limit)
        # Each call has the deadline to itself: many dead letters take many calls.
        return outcome_view(await drive_async(steps, self._store.run), dry_run=request.dry_run)


def read_edit(content_type: str | None, body: bytes) -> Member | None:
    """The payload with which a dead letter is to begin anew, None where none is given. Raises MediaTypeWrong, BodyNotJson,
    SubmissionInvalid.
    """
    if not body:
        return None
    check_media_type(content_type)
    members = read_object(body)
    validated(ReplayEdit, members)
    return members.get("payload")


def _within(caller: Caller, wanted: DeadFilter) -> DeadFilter:
    """Those of them that the caller may see and touch."""
    return replace(wanted, tenant=caller.reach_of(wanted.tenant))


def _check_was_dead(reply: Moved | None) -> None:
    if reply is not None and not reply.changed:
        raise NotDead(reply.state)
