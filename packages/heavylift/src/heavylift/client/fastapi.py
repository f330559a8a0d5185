"""A client for an application of FastAPI: one for each process, opened and closed with it.

Example:
    >>> app = FastAPI(lifespan=client_lifespan())
    >>> @app.post("/thumbnails", status_code=202)
    ... async def order(wanted: Thumbnail, heavylift: Heavylift) -> str:
    ...     return (await heavylift.submit("images.thumbnail", wanted)).id
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection

from heavylift.client.asynchronous import AsyncClient
from heavylift.errors import ConfigurationInvalid

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]
OtherLifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any] | None]]


def client_lifespan(
    url: str | None = None, *, key: str | None = None, timeout: float = 10.0, around: OtherLifespan | None = None
) -> Lifespan:
    """The ``lifespan`` of an application, with a client in it. ``around`` is one that the application has besides.

    What is left out comes from HEAVYLIFT_URL, HEAVYLIFT_KEY and HEAVYLIFT_KEY_FILE when the application starts.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        async with AsyncExitStack() as opened:
            app.state.heavylift = await opened.enter_async_context(AsyncClient(url, key=key, timeout=timeout))
            state = None if around is None else await opened.enter_async_context(around(app))
            yield state or {}

    return lifespan


async def _client(connection: HTTPConnection) -> AsyncClient:
    client = getattr(connection.app.state, "heavylift", None)
    if not isinstance(client, AsyncClient):
        raise ConfigurationInvalid("the application has no client: make it with FastAPI(lifespan=client_lifespan())")
    return client


#: The client, for the signature of a route.
Heavylift = Annotated[AsyncClient, Depends(_client)]
