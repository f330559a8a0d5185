"""How a schedule looks from outside."""

from datetime import datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import quote, urlencode

from heavylift.record import Standing, read_json
from heavylift.schedule import TAG, FiredTask, KeptSchedule
from heavylift_api.callers import Caller
from heavylift_api.schedule_shapes import ScheduledTask, ScheduleSummary, ScheduleTimes, ScheduleView
from heavylift_api.views import task_href

NEXT_TIMES: Final = 5


def schedule_summary(kept: KeptSchedule, caller: Caller) -> ScheduleSummary:
    """A schedule as lists show it to ``caller``."""
    return ScheduleSummary(**_summary(kept, caller))


def schedule_view(kept: KeptSchedule, caller: Caller) -> ScheduleView:
    """All of a schedule that ``caller`` may see."""
    seen = caller.sees_payloads
    payload = read_json(kept.schedule.payload) if seen else None
    return ScheduleView(**_summary(kept, caller), payload=payload, redacted=not seen, next_times=_next_times(kept))


def href(kept: KeptSchedule, caller: Caller) -> str:
    """Where ``caller`` finds it: by its name alone, where it is of the caller's own tenant."""
    schedule = kept.schedule
    whose = "" if schedule.tenant == caller.tenant else f"?{urlencode({'tenant': schedule.tenant})}"
    return f"/v1/schedules/{quote(schedule.name, safe='')}{whose}"


def _summary(kept: KeptSchedule, caller: Caller) -> dict[str, Any]:
    schedule, timing = kept.schedule, kept.schedule.timing
    own = {name: getattr(schedule, name) for name in ScheduleSummary.model_fields if hasattr(schedule, name)}
    when = {name: getattr(timing, name) for name in ("cron", "every", "timezone", "start", "end")}
    known = {name: getattr(kept, name) for name in ("version", "created_at", "changed_at", "next_at", "last_at")}
    return (
        own
        | when
        | known
        | {
            "times": ScheduleTimes(made=kept.fired, taken=kept.skipped, missed=kept.missed),
            "tasks": tuple(_task(task) for task in kept.tasks),
            "links": _links(kept, caller),
        }
    )


def _task(task: FiredTask) -> ScheduledTask:
    made = task.standing is not Standing.EXISTING
    return ScheduledTask(id=task.id, due=task.due, at=task.at, made=made, href=task_href(task.id))


def _links(kept: KeptSchedule, caller: Caller) -> dict[str, str]:
    path, mark, whose = href(kept, caller).partition("?")
    tasks = urlencode({"tag": f"{TAG}{kept.schedule.name}"})
    return {"self": f"{path}{mark}{whose}", "tasks": f"/v1/tasks?{tasks}", "trigger": f"{path}/trigger{mark}{whose}"}


def _next_times(kept: KeptSchedule) -> tuple[datetime, ...]:
    if kept.next_at is None:
        return ()
    return (kept.next_at, *islice(kept.schedule.timing.times_after(kept.next_at), NEXT_TIMES - 1))
