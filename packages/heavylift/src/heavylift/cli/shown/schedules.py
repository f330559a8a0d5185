"""How schedules are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Final

from heavylift.cli.fields import readable, say_fields
from heavylift.cli.fitting import Column
from heavylift.cli.tables import Cell, Row, say_table
from heavylift.cli.terminal import is_terminal, note, say
from heavylift.cli.text import age, moment, one_line, span
from heavylift.client.values import Receipt, Schedule, ScheduledTask, ScheduleSummary

_COLUMNS: Final = (
    Column("NAME", whole=True),
    Column("TENANT", spare=3),
    Column("KIND"),
    Column("COMES"),
    Column("NEXT"),
    Column("LAST", spare=2),
    Column("MADE", spare=4),
    Column("MISSED", spare=1),
)
_TASKS: Final = (Column("TASK", whole=True), Column("FOR"), Column("SUBMITTED"), Column("MADE"))


def say_schedules(schedules: Sequence[ScheduleSummary]) -> None:
    """A line for each."""
    if schedules:
        say_table(_COLUMNS, [_row(schedule) for schedule in schedules])
    else:
        say("There are no schedules.")


def say_schedule(schedule: Schedule) -> None:
    """All that is known of one."""
    say_fields(_fields(schedule))
    if schedule.tasks:
        say("")
        say_table(_TASKS, [_task(task) for task in schedule.tasks])


def say_triggered(receipt: Receipt) -> None:
    """The id of the task."""
    say(receipt.id)
    if receipt.existing:
        note("It was there before and has not ended; the schedule makes no other beside it.")
    elif is_terminal():
        note(f"It is {receipt.state} in {receipt.queue}. To follow it: heavylift watch {receipt.id}")


def say_dropped(schedule: Schedule) -> None:
    """What is there no more."""
    say(one_line(f"The schedule {schedule.name} is dropped; its tasks stay: heavylift list --tag schedule:{schedule.name}"))


def _row(schedule: ScheduleSummary) -> Row:
    times = schedule.times
    comes, last = _comes(schedule), age(schedule.last_at)
    return schedule.name, schedule.tenant, schedule.kind, comes, _next(schedule), last, str(times.made), str(times.missed)


def _next(schedule: ScheduleSummary) -> Cell:
    if schedule.paused:
        return Cell("paused", "yellow")
    return Cell(moment(schedule.next_at)) if schedule.next_at else Cell("never again", "yellow")


def _comes(schedule: ScheduleSummary) -> str:
    if schedule.every is not None:
        return f"every {span(schedule.every)}"
    return f"{schedule.cron}{'' if schedule.timezone == 'UTC' else f' {schedule.timezone}'}"


def _task(task: ScheduledTask) -> Row:
    made = Cell("yes", "green") if task.made else Cell("no, it had not ended", "yellow")
    return task.id, moment(task.due) or "triggered", age(task.at), made


def _fields(schedule: Schedule) -> dict[str, str | None]:
    times = schedule.times
    return {
        "name": schedule.name,
        "tenant": schedule.tenant,
        "version": str(schedule.version),
        "kind": schedule.kind,
        "queue": schedule.queue,
        "priority": schedule.priority,
        "tags": ", ".join(schedule.tags),
        "comes": _comes(schedule),
        "next": "paused" if schedule.paused else "\n".join(map(moment, schedule.next_times)) or "never again",
        "last": moment(schedule.last_at),
        "start": moment(schedule.start),
        "end": moment(schedule.end),
        "missed": schedule.missed,
        "overlap": schedule.overlap,
        "times": f"{times.made} made, {times.taken} taken by a task before, {times.missed} missed",
        "changed": moment(schedule.changed_at),
        "payload": "(held back: the key lacks the scope payload)" if schedule.redacted else readable(schedule.payload),
    }
