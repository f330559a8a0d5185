"""Tasks that come again and again."""

from dataclasses import replace
from datetime import datetime

from heavylift.record import Accepted, Standing, from_ms, to_ms
from heavylift.schedule import FiredTask, KeptSchedule, Schedule
from heavylift.schedule.schedule import place_of
from heavylift.store import calls
from heavylift.store.calls import DueReply, ScheduleReply, SchedulesReply, ScheduleStanding
from heavylift.store.calls.schedules import MOST_SCHEDULES
from heavylift.store.memory.submit import submit
from heavylift.store.memory.tables import Tables

LAST_TASKS = 5


def put_schedule(tables: Tables, call: calls.PutSchedule) -> ScheduleReply:
    place, now = call.schedule.place, tables.now()
    known = tables.schedules.get(place)
    if known is not None and (known.schedule, known.next_at) == (call.schedule, _whole(call.next_at)):
        return ScheduleReply(ScheduleStanding.PUT, known)
    if call.known is not None and call.known != (known.version if known else calls.NONE):
        return ScheduleReply(ScheduleStanding.CHANGED)
    if known is None and len(tables.schedules) >= MOST_SCHEDULES:
        return ScheduleReply(ScheduleStanding.FULL)
    version = max(calls.moment_of(now), (known.version if known else 0) + 1)
    before = known or KeptSchedule(schedule=call.schedule, version=0, created_at=now, changed_at=now)
    put = replace(before, schedule=call.schedule, version=version, changed_at=now, next_at=_whole(call.next_at), apart=call.apart)
    tables.schedules[place] = put
    return ScheduleReply(ScheduleStanding.PUT, put)


def drop_schedule(tables: Tables, call: calls.DropSchedule) -> ScheduleReply:
    place = place_of(call.tenant, call.name)
    known = tables.schedules.get(place)
    if known is None:
        return ScheduleReply(ScheduleStanding.NONE)
    if call.known not in (None, known.version):
        return ScheduleReply(ScheduleStanding.CHANGED)
    return ScheduleReply(ScheduleStanding.DROPPED, tables.schedules.pop(place))


def read_schedule(tables: Tables, call: calls.ReadSchedule) -> SchedulesReply:
    known = tables.schedules.get(place_of(call.tenant, call.name))
    return SchedulesReply(tables.now(), (known,) if known else ())


def read_schedules(tables: Tables, call: calls.ReadSchedules) -> SchedulesReply:
    reached = [kept for kept in tables.schedules.values() if call.reach in (None, kept.schedule.tenant)]
    ordered = sorted(reached, key=lambda kept: (kept.schedule.tenant, kept.schedule.name))
    return SchedulesReply(tables.now(), tuple(replace(kept, schedule=_bare(kept.schedule)) for kept in ordered))


def due_schedules(tables: Tables, call: calls.DueSchedules) -> DueReply:
    now = tables.now()
    coming = sorted((kept.next_at, place) for place, kept in tables.schedules.items() if kept.next_at is not None)
    due = [place for next_at, place in coming if next_at <= now][: call.most]
    until = next(((next_at - now).total_seconds() for next_at, _ in coming if next_at > now), None)
    return DueReply(now, until, tuple(tables.schedules[place] for place in due))


def fire(tables: Tables, call: calls.Fire) -> tuple[Accepted, ...] | None:
    known = tables.schedules.get(call.kept.schedule.place)
    if known is None or known.version != call.kept.version or (call.due and known.next_at != _whole(call.due)):
        return None
    answers = submit(tables, call.submit) if call.tasks else ()
    now = tables.now()
    standings = [accepted.standing for accepted in answers]
    made = [FiredTask(a.id, a.standing, _whole(due), now) for a, due in zip(answers, call.dues, strict=True)]
    fired = replace(
        known,
        tasks=(*reversed(made), *known.tasks)[:LAST_TASKS],
        fired=known.fired + standings.count(Standing.NEW),
        skipped=known.skipped + standings.count(Standing.EXISTING),
        missed=known.missed + call.missed,
    )
    if call.due is not None:
        last_at = _whole(call.dues[-1]) if call.dues else known.last_at
        fired = replace(fired, next_at=_whole(call.following), apart=call.apart, last_at=last_at)
    tables.schedules[call.kept.schedule.place] = fired
    return answers


def _bare(schedule: Schedule) -> Schedule:
    return replace(schedule, payload="{}")


def _whole(moment: datetime | None) -> datetime | None:
    """As it is kept, to the millisecond."""
    return None if moment is None else from_ms(to_ms(moment))
