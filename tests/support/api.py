"""A real API in a process of its own, which asks for no key unless the test is about keys."""

from heavylift.local import processes
from tests.support.service import ServiceProcess


class ApiProcess(ServiceProcess):
    """The API service against a Redis, on a free port that it keeps over restarts."""

    def __init__(self, url: str, namespace: str, **settings: str) -> None:
        port = processes.free_port()
        defaults = {
            "HEAVYLIFT_STORE_URL": url,
            "HEAVYLIFT_STORE_NAMESPACE": namespace,
            "HEAVYLIFT_API_PORT": str(port),
            "HEAVYLIFT_AUTH": "off",
        }
        super().__init__("heavylift_api", port, defaults | settings)
