"""``heavylift dead``: what failed and why, and what is to be done about it. Speaks with the store itself, without the API."""

import argparse
from collections.abc import Callable, Sequence
from typing import Final

from heavylift.audit import DONE, Action, Outcome
from heavylift.cli import dead_options, dead_words
from heavylift.cli.printing import as_json, print_json
from heavylift.cli.witnessed import witnessed
from heavylift.errors import ConfigurationInvalid, TaskNotFound
from heavylift.record import Record
from heavylift.settings import StoreSettings
from heavylift.store.by_filter import Steps, Tally, count_matching, discard_matching, replay_matching
from heavylift.store.calls import DeadFilter, DeadGroups, DeadLetters, DeadReply, Discard, Read, ReadHistory, Replay
from heavylift.store.driving import drive
from heavylift.store.redis import RedisStore

_PAGE: Final = 200

Word = Callable[[RedisStore, argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Do one thing and return the exit code: 1 when a task that was named is no dead letter. Raises HeavyliftError."""
    options = dead_options.parser(list(ACTIONS)).parse_args(argv)
    with RedisStore.of(StoreSettings.load()) as store:
        return ACTIONS[options.action](store, options)


def _list(store: RedisStore, options: argparse.Namespace) -> int:
    wanted, cursor = dead_options.filter_of(options), None
    records: list[Record] = []
    while len(records) < options.limit:
        page = store.run(DeadLetters(wanted, min(_PAGE, options.limit - len(records)), cursor))
        records += page.records
        cursor = page.cursor
        if cursor is None:
            break
    if options.json:
        print_json([as_json(record) for record in records])
    else:
        dead_words.say_records(records, more=cursor is not None)
    return 0


def _groups(store: RedisStore, options: argparse.Namespace) -> int:
    reply = store.run(DeadGroups(dead_options.filter_of(options), options.limit))
    if options.json:
        print_json([as_json(group) for group in reply.groups])
    else:
        dead_words.say_groups(reply)
    return 0


def _show(store: RedisStore, options: argparse.Namespace) -> int:
    record, history = store.run(Read(options.id)), store.run(ReadHistory(options.id))
    if record is None:
        raise TaskNotFound(f"no task has the id {options.id}: it never existed, or it was discarded or kept for its time")
    if options.json:
        print_json(as_json(record) | {"attempts": [as_json(past) for past in history]})
    else:
        dead_words.say_task(record, history)
    return 0


def _replay(store: RedisStore, options: argparse.Namespace) -> int:
    if options.ids:
        apart = 0.0 if options.rate is None else 1 / options.rate
        with witnessed(store, Action.REPLAY_TASK, options.ids, rate=options.rate) as outcomes:
            replies = store.run(Replay(tuple(options.ids), apart=apart)).tasks
            outcomes |= _outcomes(options.ids, replies)
        return _tell_each(options, "replayed", replies)
    wanted = _wanted(options)
    steps = replay_matching(wanted, limit=options.limit, rate=options.rate)
    return _treat_many(store, options, Action.REPLAY_DEAD_LETTERS, wanted, steps)


def _discard(store: RedisStore, options: argparse.Namespace) -> int:
    if options.ids:
        with witnessed(store, Action.DISCARD_DEAD_LETTER, options.ids) as outcomes:
            replies = store.run(Discard(tuple(options.ids)))
            outcomes |= _outcomes(options.ids, replies)
        return _tell_each(options, "discarded", replies)
    wanted = _wanted(options)
    return _treat_many(store, options, Action.DISCARD_DEAD_LETTERS, wanted, discard_matching(wanted, limit=options.limit))


def _wanted(options: argparse.Namespace) -> DeadFilter:
    wanted = dead_options.filter_of(options)
    if wanted == DeadFilter() and not options.all:
        raise ConfigurationInvalid(
            "name tasks by their ids, or say which by --kind, --queue, --reason, --fingerprint, --since, --all"
        )
    return wanted


def _tell_each(options: argparse.Namespace, done: str, replies: Sequence[DeadReply | None]) -> int:
    told = [dead_words.fate(id_, done, reply) for id_, reply in zip(options.ids, replies, strict=True)]
    if options.json:
        print_json(told)
    else:
        dead_words.say_fates(told)
    return 0 if all(one["changed"] for one in told) else 1


def _outcomes(ids: Sequence[str], replies: Sequence[DeadReply | None]) -> dict[str, Outcome]:
    return {
        id_: Outcome("task-not-found" if reply is None else DONE if reply.changed else "not-dead")
        for id_, reply in zip(ids, replies, strict=True)
    }


def _treat_many(store: RedisStore, options: argparse.Namespace, action: Action, wanted: DeadFilter, steps: Steps) -> int:
    """Without --yes only look: a filter may fit more than its author thinks."""
    if options.yes:
        target = wanted.as_query() or "all"
        with witnessed(store, action, [target], limit=options.limit, rate=getattr(options, "rate", None)) as outcomes:
            tally: Tally = drive(steps, store.run)
            outcomes[target] = Outcome(changed=tally.changed)
    else:
        tally = drive(count_matching(wanted, limit=options.limit), store.run)
    if options.json:
        print_json(as_json(tally) | {"dry_run": not options.yes})
    else:
        dead_words.say_tally(tally, options.action, done=options.yes)
    return 0


ACTIONS: Final[dict[str, Word]] = {"groups": _groups, "list": _list, "show": _show, "replay": _replay, "discard": _discard}
