"""The gate before all routes: who calls is known before anything else is looked at, and a route that says nothing is closed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from heavylift import access
from heavylift.errors import HeavyliftError
from heavylift_api.declared import asked_of
from heavylift_api.errors import ScopeMissing, http_problem, problem_response
from heavylift_api.gatekeeper import Gatekeeper

#: What FastAPI and we serve besides our own operations: the description of the interface, which is no secret.
OPEN_PATHS: Final = frozenset({"/openapi.json", "/docs/static"})


@dataclass(frozen=True, slots=True)
class Way:
    """An address with what it asks for; ``asked`` is None where nothing is said, and then nobody comes through."""

    path: str
    pattern: re.Pattern[str]
    methods: frozenset[str] | None
    asked: frozenset[access.Scope] | None


def ways(app: FastAPI) -> Iterator[Way]:
    """All ways into an application, in the order in which its router tries them."""
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        asked = frozenset[access.Scope]() if path in OPEN_PATHS else asked_of(getattr(route, "openapi_extra", None))
        methods = getattr(route, "methods", None)
        pattern: re.Pattern[str] = getattr(route, "path_regex")  # noqa: B009  every kind of route has one; the base class does not say so
        yield Way(path, pattern, None if methods is None else frozenset(methods), asked)


class Gate:
    """Lets through who may, and answers all others. Whoever came through is in the request's state, as ``caller``.

    An address that it does not know it does not hand on, so that what it does not see cannot be reached either.
    """

    def __init__(self, app: ASGIApp, leads_to: FastAPI) -> None:
        self._app = app
        self._leads_to = leads_to
        self._map: Map | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._check(scope)
        except HeavyliftError as error:
            await problem_response(error, scope["path"])(scope, receive, send)
        except HTTPException as error:
            await http_problem(Request(scope), error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        way = self._find(scope["method"], scope["path"])
        if way.asked is not None and not way.asked:
            return
        gatekeeper: Gatekeeper = scope["state"]["gatekeeper"]
        caller = scope["state"]["caller"] = await gatekeeper.admit(scope["headers"])
        if way.asked is None or caller.scopes.isdisjoint(way.asked):
            raise ScopeMissing(way.asked or ())

    def _find(self, method: str, path: str) -> Way:
        if self._map is None:
            self._map = Map(ways(self._leads_to))
        known = self._map.at(path)
        for way in known:
            if way.methods is None or method in way.methods:
                return way
        raise HTTPException(405 if known else 404)


class Map:
    """The ways by address. One that is written out wins over one with parts left open, as OpenAPI has it."""

    def __init__(self, ways: Iterable[Way]) -> None:
        self._exact: dict[str, list[Way]] = {}
        self._others: list[Way] = []
        for way in ways:
            if way.methods is None or "{" in way.path:
                self._others.append(way)
            else:
                self._exact.setdefault(way.path, []).append(way)

    def at(self, path: str) -> Sequence[Way]:
        """All ways that begin at an address, whatever their methods."""
        return self._exact.get(path) or [way for way in self._others if way.pattern.match(path)]
