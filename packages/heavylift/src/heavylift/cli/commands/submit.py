"""``heavylift submit``: a task is handed in, and followed if one wants."""

from datetime import datetime
from typing import Annotated

import typer

from heavylift.cli.app import new_app
from heavylift.cli.completing import kinds, queues
from heavylift.cli.connection import Url, connect
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.fields import readable
from heavylift.cli.options import AsJson, read_duration, read_time
from heavylift.cli.payload import read_payload
from heavylift.cli.plain import plain
from heavylift.cli.terminal import is_terminal, note, say, say_json
from heavylift.cli.watching import watch
from heavylift.client import TaskHandle
from heavylift.record import Durability, Priority

app = new_app()


@app.word("submit")
def submit(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="Name of the kind, as `heavylift kinds` shows it.", autocompletion=kinds)
    ],
    payload: Annotated[
        str | None,
        typer.Argument(metavar="PAYLOAD", help="What it works on: JSON, or @file with it, or - for standard input."),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", "-f", metavar="NAME=VALUE", help="A field of the payload; may be said several times."),
    ] = None,
    queue: Annotated[
        str | None, typer.Option(metavar="NAME", help="Queue to wait in, instead of the kind's.", autocompletion=queues)
    ] = None,
    priority: Annotated[Priority | None, typer.Option(metavar="LANE", help="Lane of the queue, instead of the kind's.")] = None,
    delay: Annotated[
        float | None, typer.Option(parser=read_duration, metavar="TIME", help="How long to wait before it is queued: 90s, 2h.")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(parser=read_time, metavar="TIME", help="When to queue it: 2026-01-31T12:00:00Z.")
    ] = None,
    expires: Annotated[
        float | None, typer.Option(parser=read_duration, metavar="TIME", help="By when it must have started, or ends as expired.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="To find it by; may be said several times.")] = None,
    unique: Annotated[
        str | None, typer.Option(metavar="KEY", help="While another task holds this key, the answer is that one.")
    ] = None,
    durability: Annotated[
        Durability | None, typer.Option(metavar="WORD", help="Who is to have it before it is answered: Redis, or a replica, too.")
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="The same key again makes no second task: for scripts that may be repeated.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end, and write its result.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Show what becomes of it until its end, and then its result.")] = False,
    timeout: Annotated[
        float | None, typer.Option(parser=read_duration, metavar="TIME", help="How long to wait or follow at most.")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> ExitCode | None:
    """Submit a task, and write its id."""
    content = read_payload(payload, field or ())
    with connect(url) as client:
        task = client.submit(
            kind,
            content,
            queue=queue,
            priority=priority,
            delay=delay,
            at=at,
            expires=expires,
            tags=tag or (),
            unique=unique,
            durability=durability,
            idempotency_key=idempotency_key,
        )
        if follow:
            return watch(client, [task.id], timeout=timeout, as_json=as_json)
        if wait:
            _await(task, timeout, as_json=as_json)
        else:
            _tell(task, as_json=as_json)
        return None


def _tell(task: TaskHandle, *, as_json: bool) -> None:
    if as_json:
        say_json(plain(task.receipt))
        return
    say(task.id)
    if task.receipt is not None and is_terminal():
        there = "was there before, and is" if task.receipt.existing else "is"
        note(f"It {there} {task.receipt.state} in {task.receipt.queue}. To follow it: heavylift watch {task.id}")


def _await(task: TaskHandle, timeout: float | None, *, as_json: bool) -> None:
    if not as_json:
        note(task.id)
    result = task.result(timeout)
    if as_json:
        say_json(plain(task.read()))
    else:
        say(readable(result))
