"""Every fault by its name. Each is a context manager that undoes what it did, and each proves that it hit."""

from types import MappingProxyType
from typing import Final

from tests.chaos.harm import Fault, mixture
from tests.chaos.redis_faults import connections_dropped, redis_hang, redis_kill
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
        "kill-in-hang": mixture("kill-in-hang", redis_hang, worker_kill),
        "hang-after-kill": mixture("hang-after-kill", worker_kill, redis_hang),
        "drop-in-freeze": mixture("drop-in-freeze", worker_freeze, connections_dropped),
        "restart-in-freeze": mixture("restart-in-freeze", worker_freeze, redis_kill),
        "kill-in-drain": mixture("kill-in-drain", worker_drain, child_kill),
    }
)
