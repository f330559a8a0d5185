"""A running task leaves something in its record, and asks for what a former run of it left."""

import json
from dataclasses import replace

from heavylift.store import calls
from heavylift.store.calls import Memo, Recalled
from heavylift.store.memory.tables import Entry, Tables
from heavylift.story import LogPortion, written


def remember(tables: Tables, call: calls.Remember) -> tuple[bool, ...]:
    return tuple(_keep(tables, memo) for memo in call.memos)


def _keep(tables: Tables, memo: Memo) -> bool:
    kept = tables.running(memo.id, memo.fence)
    if kept is None:
        return False
    if memo.name == "log":
        _log(tables, kept, memo)
    elif memo.name == "progress":
        kept.record = replace(kept.record, progress=json.loads(memo.text))
        kept.progressed += 1
        kept.progress_at = memo.fence, kept.line_of(memo.fence), kept.progressed
    else:
        kept.memos[memo.name] = memo.text
    return True


def _log(tables: Tables, kept: Entry, memo: Memo) -> None:
    last, _, text = memo.text.split(" ", 2)
    if int(last) <= kept.line_of(memo.fence):
        return
    kept.log.append(LogPortion.read(memo.fence, text))
    limits = tables.limits
    while len(kept.log) > 1 and (_lines(kept.log) > limits.log_lines or _bytes(kept.log) > limits.log_bytes):
        del kept.log[0]


def _lines(log: list[LogPortion]) -> int:
    return sum(len(portion.lines) for portion in log)


def _bytes(log: list[LogPortion]) -> int:
    return sum(len(written(portion.lines).encode()) for portion in log)


def recall(tables: Tables, call: calls.Recall) -> Recalled:
    kept = tables.running(call.id, call.fence)
    return Recalled(held=False, text=None) if kept is None else Recalled(True, kept.memos.get(calls.effect_field(call.effect)))
