"""The page that shows the interface comes with the service: nothing of it is fetched from elsewhere."""

import re

import httpx

from heavylift.local.redis_server import EmbeddedRedis
from tests.support.api import ApiProcess


def test_the_documentation_and_all_that_it_loads_come_from_the_service(redis_server: EmbeddedRedis, namespace: str) -> None:
    with ApiProcess(redis_server.url, namespace) as api, httpx.Client(base_url=api.base) as client:
        page = client.get("/docs").raise_for_status().text
        addresses = re.findall(r"""(?:src|href)="([^"]+)""", page)

        assert len(addresses) == 3
        assert not [address for address in addresses if "//" in address]
        for address in addresses:
            if not address.startswith("data:"):
                assert client.get(address).raise_for_status().content
