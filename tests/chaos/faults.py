"""Every fault by its name. Each is a context manager that undoes what it did, and each proves that it hit."""

from types import MappingProxyType
from typing import Final

from tests.chaos.harm import Fault, mixture
from tests.chaos.redis_faults import connections_dropped, redis_full, redis_hang, redis_kill, redis_readonly
from tests.chaos.sentinel_faults import sentinel_hang, sentinel_kill, sentinel_planned
from tests.chaos.worker_faults import child_kill, clock_step, nursery_kill, worker_drain, worker_freeze, worker_kill

KILLS: Final = ("worker-kill", "nursery-kill", "child-kill")  #: What counts as a kill of a worker.

FAULTS: Final = MappingProxyType[str, Fault](
    {
        "worker-kill": worker_kill,
        "nursery-kill": nursery_kill,
        "child-kill": child_kill,
        "worker-freeze": worker_freeze,
        "worker-drain": worker_drain,
        "clock-step": clock_step,
        "connections-dropped": connections_dropped,
        "redis-kill": redis_kill,
        "redis-hang": redis_hang,
        "redis-full": redis_full,
        "redis-readonly": redis_readonly,
        "kill-in-hang": mixture("kill-in-hang", redis_hang, worker_kill),
        "hang-after-kill": mixture("hang-after-kill", worker_kill, redis_hang),
        "drop-in-freeze": mixture("drop-in-freeze", worker_freeze, connections_dropped),
        "restart-in-freeze": mixture("restart-in-freeze", worker_freeze, redis_kill),
        "kill-in-drain": mixture("kill-in-drain", worker_drain, child_kill),
        "sentinel-kill": sentinel_kill,
        "sentinel-hang": sentinel_hang,
        "sentinel-planned": sentinel_planned,
        "kill-in-failover": mixture("kill-in-failover", sentinel_kill, worker_kill),
    }
)

#: Faults that need three servers and their sentinels, and those that need one server without any.
WATCHED: Final = frozenset({"sentinel-kill", "sentinel-hang", "sentinel-planned", "kill-in-failover"})
ALONE: Final = frozenset(
    {"redis-kill", "redis-hang", "redis-full", "redis-readonly", "kill-in-hang", "hang-after-kill", "restart-in-freeze"}
)
