"""What has been kept for its time goes."""

from datetime import timedelta

from heavylift.store import calls
from heavylift.store.memory.tables import Tables


def sweep(tables: Tables, call: calls.Sweep) -> calls.Swept:
    kept_since = calls.moment_of(tables.now() - timedelta(seconds=tables.limits.dead_retention))
    lapsed = [kept for kept in tables.dead() if kept.died <= kept_since][: call.count]
    for kept in lapsed:
        tables.delete(kept, "lapsed")
    extra = max(0, min(call.count, len(tables.dead()) - tables.limits.dead_limit))
    for kept in tables.dead()[:extra]:
        tables.delete(kept, "dropped")
    return calls.Swept(len(lapsed), extra)
