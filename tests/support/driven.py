"""What is awaited, driven to its end by each call, so that one test is for blocking and for asyncio code alike."""

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any, Self

from heavylift.client import AsyncBatchHandle, AsyncClient, AsyncTaskHandle
from heavylift.client.asynchronous import AsyncDeadLetters, AsyncKeys, AsyncQueues, AsyncSchedules
from heavylift.client.shells import AsyncStream

_DRIVEN = (AsyncClient, AsyncTaskHandle, AsyncBatchHandle, AsyncDeadLetters, AsyncKeys, AsyncQueues, AsyncSchedules)


class Driven:
    """An object whose methods are coroutines, as one whose methods block."""

    def __init__(self, of: Any, runner: asyncio.Runner) -> None:
        self._of = of
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._of, name)
        return self._method(found) if callable(found) and not isinstance(found, type) else self._told(found)

    def _method(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            told = method(*args, **kwargs)
            return self._told(self._runner.run(told) if inspect.iscoroutine(told) else told)

        return call

    def _told(self, told: Any) -> Any:
        if isinstance(told, AsyncStream):
            return DrivenStream(told, self._runner)
        return Driven(told, self._runner) if isinstance(told, _DRIVEN) else told


class DrivenStream:
    """The same for what is told one by one."""

    def __init__(self, stream: AsyncStream[Any], runner: asyncio.Runner) -> None:
        self._stream = stream
        self._runner = runner

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return self._runner.run(self._next())
        except StopAsyncIteration:
            raise StopIteration from None

    async def _next(self) -> Any:
        return await anext(self._stream)

    def close(self) -> None:
        self._runner.run(self._stream.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
