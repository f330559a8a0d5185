"""Makes methods of what is written once as steps: those that block, and those that are awaited."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar

from heavylift.client.asks import Source, Steps
from heavylift.store.driving import drive, drive_async

Given = ParamSpec("Given")
Told = TypeVar("Told")
Each = TypeVar("Each")


class Carrier(Protocol):
    """Does as steps ask, and waits for it."""

    def carry(self, asked: Any) -> Any:
        """Do as one step asks."""

    def close(self) -> None:
        """Close the connections."""


class AsyncCarrier(Protocol):
    """The same for asyncio code."""

    async def carry(self, asked: Any) -> Any:
        """Do as one step asks."""

    async def close(self) -> None:
        """Close the connections."""


class Stream(Generic[Each]):
    """One thing after the other, each asked for when it is its turn. Close it, or use it in ``with``, if you leave early."""

    def __init__(self, source: Source[Each], carrier: Carrier) -> None:
        self._source = source
        self._carrier = carrier

    def __iter__(self) -> Iterator[Each]:
        return self

    def __next__(self) -> Each:
        found = drive(self._source.next(), self._carrier.carry)
        if found is None:
            raise StopIteration
        return found

    def close(self) -> None:
        """Let go of what is open."""
        drive(self._source.close(), self._carrier.carry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncStream(Generic[Each]):
    """The same for ``async for`` and ``async with``."""

    def __init__(self, source: Source[Each], carrier: AsyncCarrier) -> None:
        self._source = source
        self._carrier = carrier

    def __aiter__(self) -> AsyncIterator[Each]:
        return self

    async def __anext__(self) -> Each:
        found = await drive_async(self._source.next(), self._carrier.carry)
        if found is None:
            raise StopAsyncIteration
        return found

    async def close(self) -> None:
        """Let go of what is open."""
        await drive_async(self._source.close(), self._carrier.carry)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()


def blocking(steps: Callable[Concatenate[Any, Given], Steps[Told]]) -> Callable[Concatenate[Any, Given], Told]:
    """The method of a surface, for blocking code."""

    @wraps(steps)
    def method(self: Any, /, *args: Given.args, **kwargs: Given.kwargs) -> Told:
        return drive(steps(self._surface, *args, **kwargs), self._carrier.carry)

    return method


def blocking_stream(source: Callable[Concatenate[Any, Given], Source[Each]]) -> Callable[Concatenate[Any, Given], Stream[Each]]:
    """The method of a surface that tells one thing after the other, for blocking code."""

    @wraps(source)
    def method(self: Any, /, *args: Given.args, **kwargs: Given.kwargs) -> Stream[Each]:
        return Stream(source(self._surface, *args, **kwargs), self._carrier)

    return method


def awaited(
    steps: Callable[Concatenate[Any, Given], Steps[Told]],
) -> Callable[Concatenate[Any, Given], Coroutine[Any, Any, Told]]:
    """The method of a surface, for asyncio code."""

    @wraps(steps)
    async def method(self: Any, /, *args: Given.args, **kwargs: Given.kwargs) -> Told:
        return await drive_async(steps(self._surface, *args, **kwargs), self._carrier.carry)

    return method


def awaited_stream(
    source: Callable[Concatenate[Any, Given], Source[Each]],
) -> Callable[Concatenate[Any, Given], AsyncStream[Each]]:
    """The method of a surface that tells one thing after the other, for asyncio code."""

    @wraps(source)
    def method(self: Any, /, *args: Given.args, **kwargs: Given.kwargs) -> AsyncStream[Each]:
        return AsyncStream(source(self._surface, *args, **kwargs), self._carrier)

    return method
