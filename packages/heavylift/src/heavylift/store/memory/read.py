"""Records are read, one or a page of them."""

import math

from heavylift.history import PastAttempt
from heavylift.record import Record
from heavylift.state import TERMINAL
from heavylift.store import calls
from heavylift.store.memory.tables import Tables


def read(tables: Tables, call: calls.Read) -> Record | None:
    kept = tables.tasks.get(call.id)
    return kept.record if kept and call.reach in (None, kept.record.tenant) else None


def history_of(tables: Tables, call: calls.ReadHistory) -> tuple[PastAttempt, ...]:
    kept = tables.tasks.get(call.id)
    return tuple(kept.history) if kept else ()


def page_of(tables: Tables, call: calls.List) -> calls.Page:
    page: list[Record] = []
    last = math.inf if call.cursor is None else call.cursor
    newest_first = [record for record in reversed(_index(tables, call)) if record.seq < last]
    for examined, record in enumerate(newest_first):
        if examined == call.BUDGET or len(page) == call.count:
            return calls.Page(tuple(page), newest_first[examined - 1].seq)
        if call.fits(record) and all(_fits(record, by, value) for by, value in call.filters.items()):
            page.append(record)
    return calls.Page(tuple(page), None)


def find_tasks(tables: Tables, call: calls.FindTasks) -> calls.IdPage:
    page = page_of(tables, call.wanted)
    return calls.IdPage(tuple(record.id for record in page.records), page.cursor)


def _index(tables: Tables, call: calls.List) -> list[Record]:
    records = [tables.tasks[id_].record for _, id_ in tables.order]
    if call.batch is not None:
        return [record for record in records if record.batch == call.batch]
    if call.state is not None and call.state not in TERMINAL:
        return [record for record in records if record.state is call.state]
    chosen = {"tenant": call.tenant} if call.tenant else {by: value for by, value in call.filters.items() if by != "tenant"}
    indexes = [[record for record in records if _fits(record, by, value)] for by, value in chosen.items()] or [records]
    return min((index[max(0, len(index) - tables.limits.index_limit) :] for index in indexes), key=len)


def _fits(record: Record, by: str, value: str) -> bool:
    return value in record.tags if by == "tag" else bool(getattr(record, by) == value)
