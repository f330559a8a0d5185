"""Carries out what steps ask for, over httpx, for asyncio code."""

import asyncio
from typing import Any

import httpx

from heavylift.client.asks import Pause
from heavylift.client.http.message import Answer, Broken, Chunk, Open, Opened, Send, Shut
from heavylift.client.http.site import Site
from heavylift.client.http.wire import answer_of, broken, options, parts


class AsyncHttpCarrier:
    """Connections to one site, for one event loop."""

    def __init__(self, site: Site) -> None:
        self._client = httpx.AsyncClient(**options(site))

    async def carry(self, asked: Any) -> Any:
        """Do as one step asks."""
        try:
            return await self._carry(asked)
        except httpx.HTTPError as error:
            return broken(error)

    async def _carry(self, asked: Any) -> Any:
        match asked:
            case Send():
                return answer_of(await self._client.request(**parts(asked), follow_redirects=asked.request.follows))
            case Open():
                return await self._open(asked)
            case Chunk():
                return await anext(asked.stream.handle[1], b"")
            case Shut():
                return await asked.stream.handle[0].aclose()
            case Pause():
                return await asyncio.sleep(asked.seconds)
        raise AssertionError(f"nobody asks {asked!r} over HTTP")

    async def _open(self, asked: Open) -> Opened | Answer | Broken:
        response = await self._client.send(self._client.build_request(**parts(asked)), stream=True)
        if response.status_code == 200:
            return Opened((response, response.aiter_bytes()))
        await response.aread()
        return answer_of(response)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
