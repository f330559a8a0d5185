"""The object store, and the only place that names the library that speaks with it.

The library is imported by the first use: who keeps no objects need not have it, and a child must not inherit its threads.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from heavylift.errors import ConfigurationInvalid, ObjectsUnavailable
from heavylift.settings import ObjectSettings

PART: Final = 5 * 1024 * 1024  #: Bytes of an upload on their way at once; the least that S3 takes as a part.
CHUNK: Final = 1024 * 1024  #: Bytes of a download that are handed on together.
DELETIONS: Final = 16  #: Deletions on their way at once.
PROBE: Final = "heavylift-probe"  #: An object that is never there.
LONGEST_MESSAGE: Final = 300  #: Characters of what the library says of a trouble, which may quote a whole page.


class Storage:
    """Objects by name. Every question has the deadline of the settings, with all that is tried again meanwhile."""

    def __init__(self, settings: ObjectSettings) -> None:
        if settings.url is None:
            raise ConfigurationInvalid("HEAVYLIFT_OBJECTS_URL names no object store")
        if find_spec("obstore") is None:
            raise ConfigurationInvalid(
                "HEAVYLIFT_OBJECTS_URL is set, and what speaks with object stores is not installed: install heavylift[objects]"
            )
        self._settings = settings
        self._url = settings.url
        self._made: tuple[object, Any] | None = None

    @property
    def deadline(self) -> float:
        """Seconds for one object."""
        return self._settings.deadline

    async def put(self, name: str, content: bytes | Path) -> None:
        """Make an object of bytes, or of a file without reading it whole. Raises ObjectsUnavailable."""
        async with self._asking(f"did not take {name}"):
            await _library().put_async(self._store(), name, content, chunk_size=PART, max_concurrency=2)

    async def get(self, name: str, most: int) -> bytes | None:
        """All of an object, None where there is none; not all of one of more than ``most`` bytes. Raises ObjectsUnavailable."""
        content = bytearray()
        async with self._asking(f"did not give {name}"):
            try:
                found = await _library().get_async(self._store(), name)
            except FileNotFoundError:
                return None
            async for chunk in found.stream(min_chunk_size=CHUNK):
                content += chunk
                if len(content) > most:
                    break
        return bytes(content)

    async def open(self, name: str) -> AsyncIterator[bytes] | None:
        """An object piece by piece, each under the deadline, None where there is none. Raises ObjectsUnavailable."""
        async with self._asking(f"did not give {name}"):
            try:
                found = await _library().get_async(self._store(), name)
            except FileNotFoundError:
                return None
        return self._pieces(name, found.stream(min_chunk_size=CHUNK))

    async def _pieces(self, name: str, stream: Any) -> AsyncIterator[bytes]:
        while True:
            async with self._asking(f"did not give all of {name}"):
                chunk = await anext(stream, None)
            if chunk is None:
                return
            yield bytes(chunk)

    async def delete(self, names: Sequence[str]) -> None:
        """Let these be gone, also those that are. Raises ObjectsUnavailable."""
        room = asyncio.Semaphore(DELETIONS)

        async def delete_one(name: str) -> None:
            async with room, self._asking(f"did not delete {name}"):
                with contextlib.suppress(FileNotFoundError):
                    await _library().delete_async(self._store(), name)

        await asyncio.gather(*map(delete_one, names))

    async def link(self, name: str, seconds: float) -> str | None:
        """An address where anybody may read an object for so long, None where the store makes none. Raises ObjectsUnavailable."""
        if self._url.startswith("file:"):
            return None
        async with self._asking("made no link"):
            link: str = await _library().sign_async(self._store(), "GET", name, timedelta(seconds=seconds))
            return link

    async def probe(self, within: float) -> None:
        """Return when the store answers. Raises ObjectsUnavailable."""
        async with self._asking("did not answer", within), contextlib.AsyncExitStack() as stack:
            stack.enter_context(contextlib.suppress(FileNotFoundError))
            await _library().head_async(self._store(), PROBE)

    @contextlib.asynccontextmanager
    async def _asking(self, what: str, within: float | None = None) -> AsyncIterator[None]:
        seconds = within or self._settings.deadline
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            raise ObjectsUnavailable(f"the object store {what} within {seconds:g} s") from None
        except (OSError, ValueError, _library().exceptions.BaseError) as error:
            raise ObjectsUnavailable(f"the object store {what}: {_first_line(error)}") from error

    def _store(self) -> Any:
        """The library's store, made anew when its credentials have changed."""
        credentials = _read_credentials(self._settings.credentials)
        if self._made is None or self._made[0] != credentials:
            self._made = credentials, self._make(credentials)
        return self._made[1]

    def _make(self, credentials: dict[str, str]) -> Any:
        if self._url.startswith("file:"):
            return _library().store.from_url(self._url, mkdir=True, automatic_cleanup=True)
        deadline = timedelta(seconds=self._settings.deadline)
        plain = (self._settings.endpoint or "").startswith("http://")
        return _library().store.from_url(
            self._url,
            config=credentials | self._place(),
            client_options={"timeout": deadline, "connect_timeout": min(deadline, timedelta(seconds=3)), "allow_http": plain},
            retry_config={"max_retries": 10, "retry_timeout": deadline},
        )

    def _place(self) -> dict[str, str]:
        said = {"endpoint": self._settings.endpoint, "region": self._settings.region}
        return {name: value for name, value in said.items() if value is not None}


def _library() -> Any:
    import obstore
    import obstore.exceptions
    import obstore.store

    return obstore


def _read_credentials(folder: Path | None) -> dict[str, str]:
    """What the files say. Those that Kubernetes mounts stand beside folders of its own."""
    if folder is None:
        return {}
    try:
        files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        return {path.name: path.read_text().strip() for path in files}
    except OSError as error:  # a file that is missing must not look like an object that is
        raise ObjectsUnavailable(f"the credentials of the object store cannot be read: {error}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:LONGEST_MESSAGE]
