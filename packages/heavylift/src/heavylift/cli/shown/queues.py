"""How queues are told to a person at a terminal, from what the API tells of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from heavylift.cli.fitting import Column
from heavylift.cli.tables import Cell, Row, say_table
from heavylift.cli.terminal import say
from heavylift.cli.text import brief, counted, moment, one_line
from heavylift.client.values import Purge

_COLUMNS: Final = (
    Column("QUEUE", whole=True),
    Column("READY", whole=True),
    Column("RUNNING", whole=True),
    Column("LATER", spare=3),
    Column("OLDEST"),
    Column("WORKERS", spare=2),
    Column("IN/S", spare=4),
    Column("OUT/S", spare=5),
    Column("LIMIT", spare=1),
    Column("STANDING"),
)


def say_queues(queues: Sequence[dict[str, Any]]) -> None:
    """A line for each."""
    if queues:
        say_table(_COLUMNS, [_row(queue) for queue in queues])
    else:
        say("There are no queues yet: they are there from their first task on.")


def say_paused(queue: dict[str, Any]) -> None:
    """What a pause means now."""
    until = _until(queue["pause"] or {})
    waits = _waiting(queue["ready"])
    say(one_line(f"The queue {queue['name']} is paused{until}; {waits}, and {queue['running']} still run."))


def say_resumed(queue: dict[str, Any]) -> None:
    """What comes now."""
    ready, workers = counted(queue["ready"], "task"), counted(queue["workers"], "place")
    say(one_line(f"The queue {queue['name']} gives out tasks: {ready} ready, {workers} at workers."))


def say_limited(queue: dict[str, Any]) -> None:
    """How much it takes in now."""
    limit, waits = queue["limit"], _waiting(queue["ready"] + queue["scheduled"])
    takes = "as many tasks as come" if limit is None else f"tasks while fewer than {limit} wait" if limit else "no tasks"
    say(one_line(f"The queue {queue['name']} takes in {takes}; {waits} in it."))


def purge_question(planned: Purge) -> str:
    """What a purge would call off."""
    return f"{_waiting(planned.waiting)} in the queue {planned.queue}, and cannot be brought back once called off."


def say_purged(outcome: Purge) -> None:
    """What was called off, or would be."""
    if outcome.token is None:
        say(one_line(f"{counted(outcome.cancelled, 'task')} of the queue {outcome.queue} cancelled."))
    elif outcome.waiting:
        them, waits = "it" if outcome.waiting == 1 else "them", _waiting(outcome.waiting)
        say(one_line(f"{waits} in the queue {outcome.queue}. Nothing was done. Say --yes to call {them} off."))
    else:
        say(one_line(f"Nothing waits in the queue {outcome.queue}."))


def _waiting(number: int) -> str:
    return f"{counted(number, 'task')} {'waits' if number == 1 else 'wait'}"


def _row(queue: dict[str, Any]) -> Row:
    rate = queue["rate"] or {}
    return (
        queue["name"],
        str(queue["ready"]),
        str(queue["running"]),
        str(queue["scheduled"]),
        brief(queue["oldest_age"]) if queue["ready"] else "",
        str(queue["workers"]),
        f"{rate['came']:.1f}" if rate else "",
        f"{rate['ended']:.1f}" if rate else "",
        "" if queue["limit"] is None else str(queue["limit"]),
        _standing(queue),
    )


def _until(pause: dict[str, Any]) -> str:
    return f" until {moment(datetime.fromisoformat(pause['until']))}" if pause.get("until") else ""


def _standing(queue: dict[str, Any]) -> Cell:
    if pause := queue["pause"]:
        return Cell(f"paused{_until(pause)}{': ' if pause['reason'] else ''}{pause['reason']}", "yellow")
    if queue["ready"] and not queue["workers"]:
        return Cell("no workers", "red")
    return Cell("open", "green")
