"""How dead letters are told to a person at a terminal."""

from collections.abc import Sequence
from typing import Any, Final

from heavylift.cli.tables import Column, say_table
from heavylift.cli.terminal import say
from heavylift.cli.text import age, counted, lines, moment, one_line
from heavylift.history import PastAttempt
from heavylift.record import Record
from heavylift.store.by_filter import Tally
from heavylift.store.calls import DeadGroupsReply, Moved

_LETTERS: Final = (Column("ID", whole=True), *map(Column, ("KIND", "QUEUE", "REASON", "FAILED", "TRIES", "ERROR")))
_GROUPS: Final = (
    *map(Column, ("COUNT", "KIND", "QUEUE", "REASON")),
    Column("FINGERPRINT", whole=True),
    *map(Column, ("FIRST", "LAST", "LAST ERROR")),
)
_HISTORY: Final = tuple(map(Column, ("TRY", "RUN", "FATE", "WORKER", "ENDED", "WHY")))


def say_records(records: Sequence[Record], *, more: bool) -> None:
    """A line for each."""
    rows = [
        (record.id, record.kind, record.queue, record.reason or "", age(record.ended_at), _tries(record), _error(record.error))
        for record in records
    ]
    if rows:
        say_table(_LETTERS, rows)
    else:
        say("No dead letters fit.")
    if more:
        say("There are more: raise --limit, or narrow the filter.")


def say_groups(reply: DeadGroupsReply) -> None:
    """A line for each group."""
    rows = [
        (str(g.count), g.kind, g.queue, g.reason, g.fingerprint, age(g.first_died_at), age(g.last_died_at), _error(g.error))
        for g in reply.groups
    ]
    if rows:
        say_table(_GROUPS, rows)
    else:
        say("No dead letters fit.")
    if reply.more:
        say("There are more groups: raise --limit, or narrow the filter.")


def say_task(record: Record, history: Sequence[PastAttempt]) -> None:
    """Everything, with what became of each attempt."""
    told = {
        "id": record.id,
        "kind": record.kind,
        "state": record.state,
        "reason": record.reason,
        "fingerprint": record.fingerprint,
        "queue": record.queue,
        "tags": ", ".join(record.tags),
        "tries": _tries(record),
        "deaths": str(record.deaths),
        "submitted": moment(record.submitted_at),
        "ended": moment(record.ended_at),
        "payload": record.payload,
        "error": _error(record.error),
    }
    say("\n".join(f"{name:<12} {one_line(value)}" for name, value in told.items() if value))
    rows = [
        (str(past.attempt), str(past.run), past.fate, past.worker or "", moment(past.ended_at), _what(past)) for past in history
    ]
    if rows:
        say("")
        say_table(_HISTORY, rows)
    if record.error and record.error.get("traceback"):
        say(f"\n{lines(record.error['traceback'])}")


def fate(id_: str, done: str, reply: Moved | None) -> dict[str, Any]:
    """What became of one task that was named."""
    if reply is None:
        return {"id": id_, "changed": False, "state": None, "told": "there is no such task"}
    if not reply.changed:
        return {"id": id_, "changed": False, "state": reply.state, "told": f"is {reply.state}, and so no dead letter"}
    return {"id": id_, "changed": True, "state": reply.state, "told": done}


def say_fates(told: Sequence[dict[str, Any]]) -> None:
    """A line for each."""
    say("\n".join(f"{one['id']}  {one['told']}" for one in told))


def say_tally(tally: Tally, verb: str, *, done: bool) -> None:
    """What was done, or what would be."""
    fit = f"{counted(tally.matched, 'dead letter')} {'fits' if tally.matched == 1 else 'fit'}"
    if tally.more:
        fit += ", and there may be more"
    if done:
        past = {"replay": "replayed", "discard": "discarded"}[verb]
        until = f"; the last begins at {moment(tally.last_due)}" if tally.last_due else ""
        say(f"{fit}; {tally.changed} {past}{until}.")
        return
    say(f"{fit}." + ("" if not tally.sample else " Such as:\n  " + "\n  ".join(tally.sample)))
    if tally.matched:
        say(f"Nothing was done. Say --yes to {verb} {'it' if tally.matched == 1 else 'them'}.")


def _tries(record: Record) -> str:
    return f"{record.attempt}/{record.max_attempts}"


def _error(error: Any) -> str:
    return f"{error.get('type', '')}: {error.get('message', '')}" if isinstance(error, dict) else ""


def _what(past: PastAttempt) -> str:
    said = [past.error_type, past.cause or past.message]
    return ": ".join(part for part in said if part)
