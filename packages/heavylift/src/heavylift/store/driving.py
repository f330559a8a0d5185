"""Goes through what is written once for blocking and for asyncio code: generators that ask, and are sent the answers."""

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")
Result = TypeVar("Result")


def drive(steps: Generator[Asked, Told, Result], answer: Callable[[Asked], Told]) -> Result:
    """What the steps return, with blocking answers."""
    try:
        asked = next(steps)
        while True:
            asked = steps.send(answer(asked))
    except StopIteration as over:
        result: Result = over.value
        return result


async def drive_async(steps: Generator[Asked, Told, Result], answer: Callable[[Asked], Awaitable[Told]]) -> Result:
    """The same with answers that are awaited."""
    try:
        asked = next(steps)
        while True:
            asked = steps.send(await answer(asked))
    except StopIteration as over:
        result: Result = over.value
        return result
