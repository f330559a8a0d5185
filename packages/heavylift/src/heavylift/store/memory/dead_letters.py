"""Dead letters are looked through."""

from collections import defaultdict

from heavylift.store import calls
from heavylift.store.calls import DeadFilter, DeadGroup, moment_from, moment_of
from heavylift.store.calls.dead_letters import BUDGET
from heavylift.store.memory.tables import Entry, Tables


def page_of_dead(tables: Tables, call: calls.DeadLetters) -> calls.Page:
    latest_first = [
        kept for kept in reversed(_looked_through(tables, call.filter)) if call.cursor is None or kept.died < call.cursor
    ]
    found, cursor = _portion([kept for kept in latest_first if _in_span(kept, call.filter)], call.filter, call.count)
    return calls.Page(tuple(kept.record for kept in found), cursor)


def find(tables: Tables, call: calls.FindDead) -> calls.Found:
    dead = tables.dead()
    earliest_first = [kept for kept in _looked_through(tables, call.filter) if call.cursor is None or kept.died > call.cursor]
    in_span = [kept for kept in earliest_first if _in_span(kept, call.filter)]
    near = [kept for kept in in_span if call.horizon is None or kept.died <= call.horizon]
    found, cursor = _portion(near, call.filter, call.count)
    return calls.Found(tuple(kept.record.id for kept in found), cursor, dead[-1].died if dead else 0)


def groups(tables: Tables, call: calls.DeadGroups) -> calls.DeadGroupsReply:
    members: defaultdict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for kept in tables.dead():
        if _in_span(kept, call.filter) and _fits(kept, call.filter):
            members[_group(kept)].append(kept)
    largest_first = sorted(members.values(), key=len, reverse=True)
    return calls.DeadGroupsReply(tuple(map(_described, largest_first[: call.count])), len(largest_first) > call.count)


def _looked_through(tables: Tables, wanted: DeadFilter) -> list[Entry]:
    """All dead letters, or only those of the one group that fits: then there is nothing to pass over."""
    dead = tables.dead()
    fitting = [kept for kept in dead if _fits(kept, wanted)]
    return dead if len({_group(kept) for kept in fitting}) > 1 else fitting


def _portion(entries: list[Entry], wanted: DeadFilter, count: int) -> tuple[list[Entry], int | None]:
    """The entries that fit, and where to go on."""
    found: list[Entry] = []
    for examined, kept in enumerate(entries, start=1):
        if _fits(kept, wanted):
            found.append(kept)
        if len(found) == count or examined == BUDGET:
            return found, kept.died if examined < len(entries) or examined == BUDGET else None
    return found, None


def _in_span(kept: Entry, wanted: DeadFilter) -> bool:
    since, until = wanted.since, wanted.until
    return (since is None or kept.died >= moment_of(since)) and (until is None or kept.died < moment_of(until))


def _fits(kept: Entry, wanted: DeadFilter) -> bool:
    *pairs, (_, own) = zip(wanted.words(), _group(kept), strict=True)
    return wanted.tenant in (None, own) and all(not value or value == same for value, same in pairs)


def _group(kept: Entry) -> tuple[object, ...]:
    record = kept.record
    return record.kind, record.queue, record.reason, record.fingerprint, record.tenant


def _described(members: list[Entry]) -> DeadGroup:
    first, last = members[0], members[-1]
    assert last.record.reason is not None  # noqa: S101  every dead letter has one
    assert last.record.fingerprint is not None  # noqa: S101
    return DeadGroup(
        kind=last.record.kind,
        queue=last.record.queue,
        reason=last.record.reason,
        fingerprint=last.record.fingerprint,
        tenant=last.record.tenant,
        count=len(members),
        first_died_at=moment_from(first.died),
        last_died_at=moment_from(last.died),
        last_id=last.record.id,
        error=last.record.error,
    )
