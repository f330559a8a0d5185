"""Every address of the API says who may call it: what says nothing is closed, and is a mistake."""

from heavylift.access import Scope
from heavylift_api.app import create_app
from heavylift_api.gate import ways
from heavylift_api.settings import ApiSettings
from tests.support.described import document

#: What anybody may ask, and why that does no harm.
OPEN = {
    "/livez": "a probe: whether the process answers",
    "/readyz": "a probe: whether tasks would be taken in",
    "/metrics": "Prometheus shows no key; ingresses leave it out and NetworkPolicies say who may scrape",
    "/openapi.json": "the same for everybody, and published with the source",
    "/docs": "the page of it",
    "/docs/static": "what the page is made of",
}


def test_every_way_in_says_whom_it_is_for() -> None:
    silent = [way.path for way in ways(create_app(ApiSettings())) if way.asked is None]

    assert silent == [], "say openapi_extra=needs(Scope.…), or OPEN and why here"


def test_these_ways_are_open_to_anybody_and_no_others() -> None:
    assert {way.path for way in ways(create_app(ApiSettings())) if way.asked == frozenset()} == set(OPEN)


def test_what_is_described_is_what_is_asked_for() -> None:
    described = {
        (path, method.upper()): {scope for way in operation["security"] for scope in way["key"]}
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }
    asked = {
        (way.path, method): {scope.value for scope in way.asked or ()}
        for way in ways(create_app(ApiSettings()))
        for method in way.methods or ()
        if (way.path, method) in described
    }

    assert asked == described
    assert set().union(*described.values()) == set(Scope)
