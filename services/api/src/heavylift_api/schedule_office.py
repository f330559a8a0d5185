"""Schedules are put, paused, resumed, triggered and dropped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from heavylift.record import Accepted as StoreAccepted
from heavylift.record import Durability, new_task_id
from heavylift.schedule import KeptSchedule, Schedule, Timing, TimingInvalid, outlook, submission_of
from heavylift.store.calls import (
    NONE,
    DropSchedule,
    Fire,
    PutSchedule,
    ReadSchedule,
    ReadSchedules,
    SchedulesReply,
    ScheduleStanding,
)
from heavylift.telemetry import Accepted, Reporter
from heavylift.telemetry.traces import sending
from heavylift_api.body import check_media_type, read_object, validated
from heavylift_api.callers import Caller
from heavylift_api.catalogue import CatalogueCache, KnownKind
from heavylift_api.deadline import TimelyStore
from heavylift_api.errors import ScheduleIsAnother, ScheduleNotFound, SchedulesFull, SubmissionInvalid
from heavylift_api.schedule_shapes import ScheduleList, ScheduleRequest
from heavylift_api.schedule_views import schedule_summary
from heavylift_api.schemas import Fault

TRIES: Final = 5  #: Others may change or fire a schedule between our look at it and our change.

Change = Callable[[Schedule], Schedule]


class ScheduleOffice:
    """Does to schedules what callers ask for. ``known``: the version that a caller knows, None for any."""

    def __init__(self, store: TimelyStore, catalogue: CatalogueCache, reporter: Reporter, durability: Durability) -> None:
        self._store = store
        self._catalogue = catalogue
        self._reporter = reporter
        self._durability = durability

    async def list(self, caller: Caller) -> ScheduleList:
        """All schedules that the caller reaches, by name."""
        found = await self._store.run(ReadSchedules(caller.reach))
        return ScheduleList(schedules=tuple(schedule_summary(kept, caller) for kept in found.schedules))

    async def read(self, caller: Caller, tenant: str | None, name: str) -> KeptSchedule:
        """One of them. Raises ScheduleNotFound."""
        return _existing(await self._look(_whose(caller, tenant), name))

    async def put(
        self, caller: Caller, tenant: str | None, name: str, content_type: str | None, body: bytes, known: int | None = None
    ) -> KeptSchedule:
        """A schedule as it is asked for. Raises what the route lists."""
        check_media_type(content_type)
        members = read_object(body)
        request = validated(ScheduleRequest, members)
        kind = await self._catalogue.find(request.kind)
        kind.check(request.payload)
        payload = members["payload"].text if "payload" in members else "{}"
        schedule = _schedule(request, payload, _whose(caller, tenant), name, kind)
        return await self._change(schedule.tenant, name, lambda _: schedule, known, made=schedule)

    async def pause(self, caller: Caller, tenant: str | None, name: str, *, paused: bool) -> KeptSchedule:
        """It does not come until it is resumed; what passes meanwhile is not made up for. Raises ScheduleNotFound."""
        return await self._change(_whose(caller, tenant), name, lambda schedule: schedule.with_pause(paused=paused))

    async def drop(self, caller: Caller, tenant: str | None, name: str, known: int | None = None) -> KeptSchedule:
        """The schedule as it was. Raises ScheduleNotFound, ScheduleIsAnother."""
        reply = await self._store.run(DropSchedule(_whose(caller, tenant), name, known, self._durability))
        if reply.standing is ScheduleStanding.CHANGED:
            raise ScheduleIsAnother
        return _found(reply.kept)

    async def trigger(self, caller: Caller, tenant: str | None, name: str) -> StoreAccepted:
        """A task of it now, besides its times, paused or not. Raises ScheduleNotFound."""
        for _ in range(TRIES):
            found = await self._look(_whose(caller, tenant), name)
            accepted = await self._submit(_existing(found), found.now)
            if accepted is not None:
                self._reporter.report(Accepted.of(accepted))
                return accepted
        raise ScheduleIsAnother

    async def _submit(self, kept: KeptSchedule, now: datetime) -> StoreAccepted | None:
        schedule = kept.schedule
        await self._catalogue.look_for({schedule.kind})
        known = self._catalogue.get(schedule.kind).kind if self._catalogue.knows(schedule.kind) else None
        task = submission_of(schedule, new_task_id(), now, known)
        with sending(kind=task.kind, queue=task.queue, task_id=task.id) as traceparent:
            task = replace(task, traceparent=traceparent)
            fire = Fire(kept=kept, due=None, tasks=(task,), dues=(None,), durability=self._durability)
            answers = await self._store.run(fire)
        return None if answers is None else answers[0]

    async def _change(
        self, tenant: str, name: str, change: Change, known: int | None = None, *, made: Schedule | None = None
    ) -> KeptSchedule:
        """``change`` made to the schedule that is there; ``made`` where there is none."""
        for _ in range(TRIES):
            found = await self._look(tenant, name)
            if made is None:
                _existing(found)
            kept = await self._try(found, change, known, made)
            if kept is not None:
                return kept
        raise ScheduleIsAnother

    async def _try(self, found: SchedulesReply, change: Change, known: int | None, made: Schedule | None) -> KeptSchedule | None:
        before = next(iter(found.schedules), None)
        schedule = change(before.schedule) if before else made
        assert schedule is not None  # noqa: S101  one of the two is there
        next_at, apart = _coming(before, schedule, found.now)
        seen = before.version if before else NONE
        if known is not None and known != seen:
            raise ScheduleIsAnother
        reply = await self._store.run(PutSchedule(schedule, next_at, apart, seen, self._durability))
        if reply.standing is ScheduleStanding.FULL:
            raise SchedulesFull
        return reply.kept

    async def _look(self, tenant: str, name: str) -> SchedulesReply:
        return await self._store.run(ReadSchedule(tenant, name))


def _coming(before: KeptSchedule | None, schedule: Schedule, now: datetime) -> tuple[datetime | None, float]:
    """When it comes next; where that is not changed, a time that has come and was not fired yet still counts."""
    following, apart = outlook(schedule, now)
    if schedule.paused:
        return None, 0.0
    if before is not None and before.next_at is not None and before.schedule.timing == schedule.timing:
        return before.next_at, apart
    if following is None and (before is None or before.schedule.timing != schedule.timing):
        raise SubmissionInvalid([Fault(field="end", message="is past, so the schedule would never come; choose a later one")])
    return following, apart


def _schedule(request: ScheduleRequest, payload: str, tenant: str, name: str, known: KnownKind) -> Schedule:
    kind = known.kind
    return Schedule(
        name=name,
        tenant=tenant,
        kind=kind.name,
        payload=payload,
        timing=_timing(request),
        queue=request.queue,
        priority=request.priority,
        expires=request.expires,
        tags=tuple(dict.fromkeys(request.tags)),
        missed=request.missed,
        overlap=request.overlap,
        paused=request.paused,
        form=kind.form,
        executor=kind.executor,
        max_attempts=kind.retry.max_attempts,
        kind_queue=kind.queue,
        kind_priority=kind.priority,
    )


def _timing(request: ScheduleRequest) -> Timing:
    try:
        return Timing(cron=request.cron, every=request.every, timezone=request.timezone, start=request.start, end=request.end)
    except TimingInvalid as error:
        raise SubmissionInvalid([Fault(field=error.field, message=error.fault)]) from None


def _whose(caller: Caller, tenant: str | None) -> str:
    """The tenant that is meant. Raises ScheduleNotFound where the caller does not reach it."""
    meant = caller.tenant if tenant is None else tenant
    if caller.reach not in (None, meant):
        raise ScheduleNotFound
    return meant


def _existing(found: SchedulesReply) -> KeptSchedule:
    return _found(next(iter(found.schedules), None))


def _found(kept: KeptSchedule | None) -> KeptSchedule:
    if kept is None:
        raise ScheduleNotFound
    return kept
