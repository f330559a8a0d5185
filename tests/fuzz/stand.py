"""What is fuzzed: the API in a process of its own, a Redis and a worker beside it, and those who call."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from heavylift.access import KeyText, Scope, new_key
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.redis import RedisStore
from tests.fuzz import tasks
from tests.support.api import ApiProcess
from tests.support.eventually import eventually
from tests.support.keys import make_key
from tests.support.worker import WorkerProcess

NAMESPACE: Final = "fuzz"
CALLERS: Final = ("acme", "operator")  #: One after the other they ask for everything: a tenant's administrator, and that of all.
TENANTS: Final = ("acme", "rival")  #: Neither may see anything of the other.

#: The stand shares its machine with the fuzzer and with others. A Redis that has to wait for the processor is no
#: find, so it gets all the time that there is; nobody is to wait for a task that never ends.
SETTINGS: Final = {
    "HEAVYLIFT_AUTH": "on",
    "HEAVYLIFT_API_REDIS_DEADLINE": "30",
    "HEAVYLIFT_API_LONGEST_WAIT": "0.05",
    "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning",
}


@dataclass(frozen=True)
class Stand:
    """Where the API is, and the keys of those who call it, by name; ``key_ids`` are not to be revoked."""

    api: ApiProcess
    callers: Mapping[str, KeyText]

    @property
    def key_ids(self) -> frozenset[str]:
        """The ids of the callers' own keys."""
        return frozenset(key.id for key in self.callers.values())

    @property
    def peak_memory(self) -> int:
        """The most bytes that the process of the API had at any time."""
        status = Path(f"/proc/{self.api.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024


@contextmanager
def standing() -> Iterator[Stand]:
    """Start everything; ends when the block does."""
    first = new_key()
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis() as redis, EmbeddedRedis(directory=Path(folder)) as replica:
        file = Path(folder, "first-key")
        file.write_text(first.text)
        api = ApiProcess(redis.url, NAMESPACE, **SETTINGS, HEAVYLIFT_API_FIRST_KEY_FILE=str(file))
        worker = WorkerProcess(redis.url, NAMESPACE, HEAVYLIFT_WORKER_TASKS=tasks.__name__)
        with RedisStore.from_url(redis.url, namespace=NAMESPACE) as store, worker, api:
            _attach(replica, redis)
            tenants = {name: make_key(store, *Scope, tenant=name) for name in TENANTS}
            yield Stand(api, tenants | {"operator": first})


def _attach(replica: EmbeddedRedis, redis: EmbeddedRedis) -> None:
    """Durability that is asked for of a replica needs one."""
    with RedisStore.from_url(replica.url) as store:
        store._client.replicaof("127.0.0.1", redis.port)
        eventually(lambda: store._client.info("replication")["master_link_status"] == "up", claim="a replica that follows")
