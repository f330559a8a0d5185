"""How the API is asked, whatever for."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

from heavylift.client.asks import Steps
from heavylift.client.http.exchange import Terms, ask
from heavylift.client.http.message import JSON, Request
from heavylift.client.http.problems import value_of
from heavylift.client.http.reading import read
from heavylift.telemetry.traces import current_traceparent

MANY: Final = 200  #: Items of one page.

Value = TypeVar("Value")


class HttpAsking:
    """Asks the API at one address."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def _get(
        self, kind: type[Value], path: str, query: Mapping[str, str] | None = None, *, wait: float | None = None
    ) -> Steps[Value]:
        asked = {**(query or {}), **({} if wait is None else {"wait": f"{wait:.3f}"})}
        return read(kind, (yield from self._value(Request("GET", path, asked, patience=wait or 0.0))))

    def _change(
        self,
        kind: type[Value],
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Steps[Value]:
        typed, content = ({}, None) if body is None else (JSON, written(body))
        said = {**typed, **(headers or {}), **trace()}
        request = Request(method, path, query or {}, headers=said, body=content, repeatable=repeatable)
        return read(kind, (yield from self._value(request)))

    def _value(self, request: Request) -> Steps[Any]:
        return value_of((yield from ask(request, self._terms)))


def part(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


def written(members: Mapping[str, Any]) -> bytes:
    """A body."""
    return json.dumps(members, separators=(",", ":")).encode()


def trace() -> dict[str, str]:
    """The trace that the caller is in goes on in the service."""
    traceparent = current_traceparent()
    return {"traceparent": traceparent} if traceparent else {}


def page_of(filters: Mapping[str, str], cursor: str | None) -> dict[str, str]:
    """What to ask for one page with."""
    return {**filters, "limit": str(MANY)} | ({} if cursor is None else {"cursor": cursor})
