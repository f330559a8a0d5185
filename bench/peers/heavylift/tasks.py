"""Heavylift's tasks, for the kind of child that is measured."""

from kit import work
from kit.surroundings import KIND
from pydantic import BaseModel

from heavylift import NEVER, task
from heavylift.record import Executor

EXECUTOR = Executor(KIND)


class Pause(BaseModel):
    path: str
    seconds: float


class Stamp(BaseModel):
    path: str
    sent: float


if EXECUTOR is Executor.ASYNCIO:

    @task(name="bench.noop", retry=NEVER)
    async def noop() -> None:
        work.noop()

    @task(name="bench.pause", retry=NEVER)
    async def pause(payload: Pause) -> None:
        await work.pause_async(payload.path, payload.seconds)

    @task(name="bench.stamp", retry=NEVER)
    async def stamp(payload: Stamp) -> None:
        work.stamp(payload.path, payload.sent)

else:

    @task(name="bench.noop", retry=NEVER, executor=EXECUTOR)
    def noop() -> None:
        work.noop()

    @task(name="bench.pause", retry=NEVER, executor=EXECUTOR)
    def pause(payload: Pause) -> None:
        work.pause(payload.path, payload.seconds)

    @task(name="bench.stamp", retry=NEVER, executor=EXECUTOR)
    def stamp(payload: Stamp) -> None:
        work.stamp(payload.path, payload.sent)
