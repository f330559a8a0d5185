"""``heavylift dlq``: what failed and why, and what is to be done about it. Speaks with the store itself, without the API."""

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from heavylift.audit import DONE, Action, Outcome
from heavylift.cli.app import new_group
from heavylift.cli.exit_codes import ExitCode
from heavylift.cli.options import AsJson, Limit, Since, Until, Yes, read_count, read_rate
from heavylift.cli.plain import plain
from heavylift.cli.shown import dead_letters as shown
from heavylift.cli.terminal import say_json
from heavylift.cli.witnessed import witnessed
from heavylift.errors import ConfigurationInvalid, TaskNotFound
from heavylift.record import Record
from heavylift.settings import StoreSettings
from heavylift.state import FailureReason
from heavylift.store.by_filter import Tally, count_matching, discard_matching, replay_matching
from heavylift.store.calls import DeadFilter, DeadGroups, DeadLetters, Discard, Moved, Read, ReadHistory, Replay
from heavylift.store.driving import drive
from heavylift.store.redis import RedisStore

_PAGE: Final = 200

app = new_group("Dead letters: tasks that failed, until they are replayed or discarded.")

Kind = Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this kind.")]
Queue = Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this queue.")]
Reason = Annotated[FailureReason | None, typer.Option(metavar="REASON", help="Only those that failed for this reason.")]
Fingerprint = Annotated[str | None, typer.Option(metavar="TEXT", help="Only those of this fault, as `groups` shows it.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Tasks by their ids; without any, a filter says which.")]
All = Annotated[bool, typer.Option("--all", help="All dead letters, where no filter is given.")]
AtMost = Annotated[
    int | None, typer.Option(parser=read_count, metavar="NUMBER", help="How many at most, those that failed first.")
]
Rate = Annotated[
    float | None,
    typer.Option(parser=read_rate, metavar="NUMBER", help="How many begin per second; the others wait for their turn."),
]


@app.word()
def groups(
    kind: Kind = None,
    queue: Queue = None,
    reason: Reason = None,
    fingerprint: Fingerprint = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show what fails most: dead letters by kind, queue, reason and fault."""
    with _store() as store:
        reply = store.run(
            DeadGroups(
                DeadFilter(kind=kind, queue=queue, reason=reason, fingerprint=fingerprint, since=since, until=until), limit
            )
        )
    if as_json:
        say_json(plain(reply.groups))
    else:
        shown.say_groups(reply)


@app.word("list")
def list_(
    kind: Kind = None,
    queue: Queue = None,
    reason: Reason = None,
    fingerprint: Fingerprint = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show dead letters, the latest failure first."""
    wanted, cursor = DeadFilter(kind=kind, queue=queue, reason=reason, fingerprint=fingerprint, since=since, until=until), None
    records: list[Record] = []
    with _store() as store:
        while len(records) < limit:
            page = store.run(DeadLetters(wanted, min(_PAGE, limit - len(records)), cursor))
            records += page.records
            if (cursor := page.cursor) is None:
                break
    if as_json:
        say_json(plain(records))
    else:
        shown.say_records(records, more=cursor is not None)


@app.word()
def show(task_id: Annotated[str, typer.Argument(metavar="ID", help="The task's id.")], as_json: AsJson = False) -> None:
    """Show all that is known of a task, with the history of its attempts."""
    with _store() as store:
        record, history = store.run(Read(task_id)), store.run(ReadHistory(task_id))
    if record is None:
        raise TaskNotFound(f"no task has the id {task_id}: it never existed, or it was discarded or kept for its time")
    if as_json:
        say_json(plain(record) | {"attempts": plain(history)})
    else:
        shown.say_task(record, history)


@app.word()
def replay(
    ids: Ids = None,
    kind: Kind = None,
    queue: Queue = None,
    reason: Reason = None,
    fingerprint: Fingerprint = None,
    since: Since = None,
    until: Until = None,
    all_: All = False,
    limit: AtMost = None,
    rate: Rate = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> ExitCode:
    """Let dead letters begin anew: some by their ids, or all that fit a filter."""
    with _store() as store:
        if ids:
            apart = 0.0 if rate is None else 1 / rate
            with witnessed(store, Action.REPLAY_TASK, ids, rate=rate) as outcomes:
                replies = store.run(Replay(tuple(ids), apart=apart)).tasks
                outcomes |= _outcomes(ids, replies)
            return _tell_each(ids, "replayed", replies, as_json=as_json)
        wanted = _wanted(
            DeadFilter(kind=kind, queue=queue, reason=reason, fingerprint=fingerprint, since=since, until=until), everything=all_
        )
        if not yes:
            return _only_look(store, wanted, "replay", limit, as_json=as_json)
        with witnessed(store, Action.REPLAY_DEAD_LETTERS, [_target(wanted)], limit=limit, rate=rate) as outcomes:
            tally = drive(replay_matching(wanted, limit=limit, rate=rate), store.run)
            outcomes[_target(wanted)] = Outcome(changed=tally.changed)
        return _tell_many(tally, "replay", done=True, as_json=as_json)


@app.word()
def discard(
    ids: Ids = None,
    kind: Kind = None,
    queue: Queue = None,
    reason: Reason = None,
    fingerprint: Fingerprint = None,
    since: Since = None,
    until: Until = None,
    all_: All = False,
    limit: AtMost = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> ExitCode:
    """Delete dead letters for good: some by their ids, or all that fit a filter."""
    with _store() as store:
        if ids:
            with witnessed(store, Action.DISCARD_DEAD_LETTER, ids) as outcomes:
                replies = store.run(Discard(tuple(ids)))
                outcomes |= _outcomes(ids, replies)
            return _tell_each(ids, "discarded", replies, as_json=as_json)
        wanted = _wanted(
            DeadFilter(kind=kind, queue=queue, reason=reason, fingerprint=fingerprint, since=since, until=until), everything=all_
        )
        if not yes:
            return _only_look(store, wanted, "discard", limit, as_json=as_json)
        with witnessed(store, Action.DISCARD_DEAD_LETTERS, [_target(wanted)], limit=limit) as outcomes:
            tally = drive(discard_matching(wanted, limit=limit), store.run)
            outcomes[_target(wanted)] = Outcome(changed=tally.changed)
        return _tell_many(tally, "discard", done=True, as_json=as_json)


def _store() -> RedisStore:
    return RedisStore.of(StoreSettings.load())


def _wanted(wanted: DeadFilter, *, everything: bool) -> DeadFilter:
    if wanted == DeadFilter() and not everything:
        raise ConfigurationInvalid(
            "name tasks by their ids, or say which by --kind, --queue, --reason, --fingerprint, --since, --all"
        )
    return wanted


def _tell_each(ids: Sequence[str], done: str, replies: Sequence[Moved | None], *, as_json: bool) -> ExitCode:
    told = [shown.fate(id_, done, reply) for id_, reply in zip(ids, replies, strict=True)]
    if as_json:
        say_json(told)
    else:
        shown.say_fates(told)
    return ExitCode.DONE if all(one["changed"] for one in told) else ExitCode.TASK_FAILED


def _outcomes(ids: Sequence[str], replies: Sequence[Moved | None]) -> dict[str, Outcome]:
    return {
        id_: Outcome("task-not-found" if reply is None else DONE if reply.changed else "not-dead")
        for id_, reply in zip(ids, replies, strict=True)
    }


def _target(wanted: DeadFilter) -> str:
    return wanted.as_query() or "all"


def _only_look(store: RedisStore, wanted: DeadFilter, verb: str, limit: int | None, *, as_json: bool) -> ExitCode:
    """What is done without --yes: a filter may fit more than its author thinks."""
    return _tell_many(drive(count_matching(wanted, limit=limit), store.run), verb, done=False, as_json=as_json)


def _tell_many(tally: Tally, verb: str, *, done: bool, as_json: bool) -> ExitCode:
    if as_json:
        say_json(plain(tally) | {"dry_run": not done})
    else:
        shown.say_tally(tally, verb, done=done)
    return ExitCode.DONE
