"""What the API itself tells, in its own words: for what operators ask of it, and no store could answer."""

import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from heavylift.cli.connection import PATIENCE, connection
from heavylift.client.http.exchange import Terms, ask
from heavylift.client.http.message import JSON, Request
from heavylift.client.http.problems import value_of
from heavylift.errors import ConfigurationInvalid
from heavylift.store.driving import drive


class Api:
    """The API at a URL, or where the settings say. Raises what ``heavylift.client.errors`` lists."""

    def __init__(self, url: str | None) -> None:
        found = connection(url)
        if not found.address.startswith("http"):
            raise ConfigurationInvalid("this is asked of the API: HEAVYLIFT_URL or --url is to begin with http:// or https://")
        self._carrier = found.carrier()

    def read(self, path: str, **query: Any) -> Any:
        """What is at the path."""
        return self._ask(Request("GET", path, {name: str(value) for name, value in query.items() if value is not None}))

    def change(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, repeatable: bool = False) -> Any:
        """What came of a change; ``repeatable``: asked for twice it does no more than once."""
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else JSON
        return self._ask(Request(method, path, headers=headers, body=content, repeatable=repeatable))

    def pages(self, path: str, member: str, **query: Any) -> Iterator[Any]:
        """The items of all pages."""
        cursor = None
        while True:
            page = self.read(path, cursor=cursor, **query)
            yield from page[member]
            cursor = page.get("cursor")
            if cursor is None:
                return

    def _ask(self, request: Request) -> Any:
        return value_of(drive(ask(request, Terms(PATIENCE)), self._carrier.carry))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._carrier.close()


def part(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")
