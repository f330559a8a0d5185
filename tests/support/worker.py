"""A real worker in a process of its own."""

from pathlib import Path

import httpx

from heavylift.local import processes
from tests.support.service import ServiceProcess


class WorkerProcess(ServiceProcess):
    """The worker service against a Redis, with the sample tasks and a lease of two seconds."""

    def __init__(self, url: str, namespace: str, **settings: str) -> None:
        port = processes.free_port()
        defaults = {
            "HEAVYLIFT_STORE_URL": url,
            "HEAVYLIFT_STORE_NAMESPACE": namespace,
            "HEAVYLIFT_WORKER_TASKS": "tests.support.sample_tasks",
            "HEAVYLIFT_WORKER_LEASE": "2",
            "HEAVYLIFT_WORKER_GRACE": "10",
            "HEAVYLIFT_WORKER_HTTP_PORT": str(port),
        }
        super().__init__("heavylift_worker", port, defaults | settings)

    def metrics(self) -> str:
        return httpx.get(f"{self.base}/metrics", timeout=2).text

    def children(self) -> list[int]:
        """Process ids of the children: the grandchildren of the guardian, by way of the nursery."""
        return [child for nursery in children_of(self.process.pid) for child in children_of(nursery)]


def children_of(pid: int) -> list[int]:
    """Process ids of the children of a process; none for one that is gone."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
