"""A running task leaves something in its record, and asks for what a former run of it left."""

import json
from dataclasses import replace

from heavylift.store import calls
from heavylift.store.calls import Memo, Recalled
from heavylift.store.memory.tables import Tables


def remember(tables: Tables, call: calls.Remember) -> tuple[bool, ...]:
    return tuple(_keep(tables, memo) for memo in call.memos)


def _keep(tables: Tables, memo: Memo) -> bool:
    kept = tables.running(memo.id, memo.fence)
    if kept is None:
        return False
    kept.memos[memo.name] = memo.text
    if memo.name == "progress":
        kept.record = replace(kept.record, progress=json.loads(memo.text))
        kept.progressed += 1
        kept.progress_at = memo.fence, 0, kept.progressed
    return True


def recall(tables: Tables, call: calls.Recall) -> Recalled:
    kept = tables.running(call.id, call.fence)
    return Recalled(held=False, text=None) if kept is None else Recalled(True, kept.memos.get(calls.effect_field(call.effect)))
