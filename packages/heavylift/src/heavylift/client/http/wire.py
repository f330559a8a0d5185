"""What carriers over httpx have in common."""

from typing import Any, Final

import httpx

from heavylift.client.http.following import SILENCE
from heavylift.client.http.message import Answer, Broken, Open, Request, Send
from heavylift.client.http.site import Site

CONNECTIONS: Final = 100  #: Open at once, streams included; further requests wait for one.
CONNECT: Final = 5.0  #: Seconds for a connection at most.

_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def options(site: Site) -> dict[str, Any]:
    """How either client of httpx is made."""
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=30.0)
    return {"base_url": site.url, "headers": site.headers(), "limits": limits, "follow_redirects": False}


def parts(asked: Send | Open) -> dict[str, Any]:
    """A request as httpx takes it."""
    request: Request = asked.request
    timeout = httpx.Timeout(
        asked.timeout, connect=min(CONNECT, asked.timeout), read=SILENCE if isinstance(asked, Open) else asked.timeout
    )
    return {
        "method": request.method,
        "url": request.path,
        "params": request.query or None,
        "headers": request.headers,
        "content": request.body,
        "timeout": timeout,
    }


def answer_of(response: httpx.Response) -> Answer:
    """An answer that was read to its end."""
    return Answer(response.status_code, response.headers, response.content)


def broken(error: httpx.HTTPError) -> Broken:
    """What is left of a request that was not answered."""
    return Broken(f"{type(error).__name__}{f': {error}' if str(error) else ''}", sent=not isinstance(error, _UNSENT))
