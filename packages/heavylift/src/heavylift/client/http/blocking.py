"""Carries out what steps ask for, over httpx, for blocking code."""

import time
from typing import Any

import httpx

from heavylift.client.asks import Pause
from heavylift.client.http.message import Answer, Broken, Chunk, Open, Opened, Send, Shut
from heavylift.client.http.site import Site
from heavylift.client.http.wire import answer_of, broken, options, parts


class HttpCarrier:
    """Connections to one site. Safe to use from several threads."""

    def __init__(self, site: Site) -> None:
        self._client = httpx.Client(**options(site))

    def carry(self, asked: Any) -> Any:
        """Do as one step asks."""
        try:
            return self._carry(asked)
        except httpx.HTTPError as error:
            return broken(error)

    def _carry(self, asked: Any) -> Any:
        match asked:
            case Send():
                return answer_of(self._client.request(**parts(asked), follow_redirects=asked.request.follows))
            case Open():
                return self._open(asked)
            case Chunk():
                return next(asked.stream.handle[1], b"")
            case Shut():
                return asked.stream.handle[0].close()
            case Pause():
                return time.sleep(asked.seconds)
        raise AssertionError(f"nobody asks {asked!r} over HTTP")

    def _open(self, asked: Open) -> Opened | Answer | Broken:
        response = self._client.send(self._client.build_request(**parts(asked)), stream=True)
        if response.status_code == 200:
            return Opened((response, response.iter_bytes()))
        response.read()
        return answer_of(response)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
