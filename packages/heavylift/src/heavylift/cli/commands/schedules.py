"""``heavylift schedules``: tasks that come again and again."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any

import typer

from heavylift.cli.app import new_group
from heavylift.cli.completing import kinds, queues
from heavylift.cli.connection import Url, connect
from heavylift.cli.options import AsJson, read_duration, read_time
from heavylift.cli.payload import read_payload
from heavylift.cli.plain import plain
from heavylift.cli.shown.schedules import say_dropped, say_schedule, say_schedules, say_triggered
from heavylift.cli.terminal import say_json
from heavylift.client.values import Schedule
from heavylift.record import Priority
from heavylift.schedule import Missed, Overlap

app = new_group("Schedules: tasks that come again and again; put, pause, trigger and drop them.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The schedule.")]
Tenant = Annotated[str | None, typer.Option(metavar="NAME", help="Whose it is; for administrators of none.")]
Version = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="Only if this is its version, as `show` tells it; 0: if there is none.")
]


@dataclass(frozen=True, slots=True)
class When:
    """When a schedule comes, and what is in its way."""

    cron: Annotated[
        str | None, typer.Option(metavar="TEXT", help="When it comes, such as `0 9 * * MON-FRI`, or @hourly, @daily, @weekly.")
    ] = None
    every: Annotated[
        float | None, typer.Option(parser=read_duration, metavar="TIME", help="How long between two, instead: 90s, 2h.")
    ] = None
    timezone: Annotated[str | None, typer.Option(metavar="NAME", help="Where the clock hangs: Europe/Berlin; else UTC.")] = None
    start: Annotated[datetime | None, typer.Option(parser=read_time, metavar="TIME", help="None comes before.")] = None
    end: Annotated[datetime | None, typer.Option(parser=read_time, metavar="TIME", help="None comes after.")] = None
    missed: Annotated[Missed | None, typer.Option(metavar="WORD", help="What comes for times that nobody saw.")] = None
    overlap: Annotated[Overlap | None, typer.Option(metavar="WORD", help="What comes while one before has not ended.")] = None
    paused: Annotated[bool, typer.Option("--paused", help="It does not come until it is resumed.")] = False


@dataclass(frozen=True, slots=True)
class How:
    """What is said of its tasks."""

    queue: Annotated[
        str | None, typer.Option(metavar="NAME", help="Queue of its tasks, instead of the kind's.", autocompletion=queues)
    ] = None
    priority: Annotated[Priority | None, typer.Option(metavar="LANE", help="Lane of the queue, instead of the kind's.")] = None
    expires: Annotated[
        float | None, typer.Option(parser=read_duration, metavar="TIME", help="By when a task must have started: 90s, 2h.")
    ] = None
    tags: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TEXT", help="To find its tasks by; may be said several times.")
    ] = None


@app.word("list")
def list_(as_json: AsJson = False, url: Url = None) -> None:
    """Show all schedules, with when each comes next."""
    with connect(url) as client:
        found = client.schedules.list()
    if as_json:
        say_json(plain(found))
    else:
        say_schedules(found)


@app.word()
def show(name: Name, tenant: Tenant = None, as_json: AsJson = False, url: Url = None) -> None:
    """Show all of one schedule: its next five times, and its last five tasks."""
    with connect(url) as client:
        _tell(client.schedules.read(name, tenant=tenant), as_json=as_json)


@app.word()
def put(
    name: Name,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Name of the kind of its tasks.", autocompletion=kinds)],
    when: When,
    how: How,
    payload: Annotated[
        str | None,
        typer.Argument(metavar="PAYLOAD", help="What each works on: JSON, or @file with it, or - for standard input."),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", "-f", metavar="NAME=VALUE", help="A field of the payload; may be said several times."),
    ] = None,
    version: Version = None,
    tenant: Tenant = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Make a schedule, or another of one: what is not said is as if it had never been."""
    content = read_payload(payload, field or ())
    with connect(url) as client:
        terms = _said(when) | _said(how)
        _tell(client.schedules.put(name, kind, content, tenant=tenant, version=version, **terms), as_json=as_json)


@app.word()
def pause(name: Name, tenant: Tenant = None, as_json: AsJson = False, url: Url = None) -> None:
    """Let a schedule rest until it is resumed."""
    with connect(url) as client:
        _tell(client.schedules.pause(name, tenant=tenant), as_json=as_json)


@app.word()
def resume(name: Name, tenant: Tenant = None, as_json: AsJson = False, url: Url = None) -> None:
    """Let a schedule come again, from its next time on."""
    with connect(url) as client:
        _tell(client.schedules.resume(name, tenant=tenant), as_json=as_json)


@app.word()
def trigger(name: Name, tenant: Tenant = None, as_json: AsJson = False, url: Url = None) -> None:
    """Submit a task of a schedule now, besides its times, and write its id."""
    with connect(url) as client:
        receipt = client.schedules.trigger(name, tenant=tenant)
    if as_json:
        say_json(plain(receipt))
    else:
        say_triggered(receipt)


@app.word()
def drop(name: Name, version: Version = None, tenant: Tenant = None, as_json: AsJson = False, url: Url = None) -> None:
    """Drop a schedule; its tasks stay."""
    with connect(url) as client:
        dropped = client.schedules.drop(name, tenant=tenant, version=version)
    if as_json:
        say_json(plain(dropped))
    else:
        say_dropped(dropped)


def _tell(schedule: Schedule, *, as_json: bool) -> None:
    if as_json:
        say_json(plain(schedule))
    else:
        say_schedule(schedule)


def _said(options: When | How) -> dict[str, Any]:
    return {each.name: value for each in fields(options) if (value := getattr(options, each.name))}
