"""A running task says how far it is."""

import json
from dataclasses import replace

from heavylift.store import calls
from heavylift.store.memory.tables import Tables


def progress(tables: Tables, call: calls.Progress) -> bool:
    kept = tables.running(call.id, call.fence)
    if kept is None:
        return False
    kept.record = replace(kept.record, progress=json.loads(json.dumps(call.progress)))
    return True
