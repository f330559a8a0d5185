"""What every refusal must look like."""

from typing import Any, Final

import httpx

#: In how many seconds one may come again. Who has waited for Redis already may do so sooner.
_AGAIN: Final[dict[str, set[str | None]]] = {"request-in-flight": {"1"}, "store-unavailable": {"1", "2"}}


def problem(answer: httpx.Response, status: int, name: str, *fields: str) -> dict[str, Any]:
    """The problem that was answered, once it is seen to be this one and to name exactly these fields."""
    assert (answer.status_code, answer.headers.get("content-type")) == (status, "application/problem+json"), answer.text
    told: dict[str, Any] = answer.json()
    assert (told["type"], told["status"]) == (f"urn:heavylift:problem:{name}", status), told
    assert told["instance"] == answer.request.url.path, told
    assert answer.headers.get("retry-after") in _AGAIN.get(name, {"2"} if status == 503 else {None})
    assert tuple(fault["field"] for fault in told.get("errors", ())) == fields, told
    for text in (told["title"], told["detail"], *(fault["message"] for fault in told.get("errors", ()))):
        assert text, told
    return told
