"""Submissions that come together go to Redis together, and each is answered for itself."""

import asyncio
from typing import Any

import pytest

from heavylift.errors import StoreUnavailable
from heavylift.record import Accepted, Durability, Standing, Submission
from heavylift.store.calls import Submit
from heavylift.store.memory import AsyncMemoryStore
from heavylift.store.redis import RedisStore
from heavylift_api.gathering import CALLS, MOST, Gathering
from tests.support.asgi import InProcessApi
from tests.support.problems import problem


class Slow:
    """In the place of the store: answers when it is told to, and keeps what it was asked."""

    def __init__(self, store: Any) -> None:
        self.asked: list[Submit] = []
        self.go = asyncio.Event()
        self._store = store
        self._memory: AsyncMemoryStore | None = None

    def let_all_end_together(self) -> None:
        """In one turn of the event loop, as answers may come that Redis gives at one time."""
        self._memory = AsyncMemoryStore()
        self.go.set()

    async def run(self, call: Submit) -> tuple[Accepted, ...]:
        self.asked.append(call)
        await self.go.wait()
        told: tuple[Accepted, ...] = await (self._memory or self._store).run(call)
        return told


def _task(number: int) -> Submission:
    return Submission(kind="demo.anything", payload=str(number))


@pytest.fixture
def slow(api: InProcessApi) -> Slow:
    return Slow(api.state["store"])


async def test_what_comes_while_others_are_on_their_way_goes_together_and_each_gets_its_own_answer(slow: Slow) -> None:
    gathering = Gathering(slow)  # type: ignore[arg-type]  all that it asks of a store is `run`
    tasks = [_task(number) for number in range(CALLS + MOST + 5)]
    waiting = []
    for task in tasks:
        waiting.append(asyncio.create_task(gathering.submit(task, Durability.MEMORY)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # those who come first go alone
    slow.go.set()

    answers = await asyncio.gather(*waiting)

    assert [len(call.tasks) for call in slow.asked] == [1] * CALLS + [MOST, 5]
    assert [answer.id for answer in answers] == [task.id for task in tasks]
    assert {answer.standing for answer in answers} == {Standing.NEW}


async def test_what_is_to_be_durable_does_not_hold_up_the_others(slow: Slow, store: RedisStore) -> None:
    gathering = Gathering(slow)  # type: ignore[arg-type]
    slow.go.set()

    durable = asyncio.create_task(gathering.submit(_task(1), Durability.REPLICA))
    answer = await gathering.submit(_task(2), Durability.MEMORY)

    assert answer.standing is Standing.NEW
    with pytest.raises(Exception, match="replica"):
        await durable
    assert {call.durability for call in slow.asked} == set(Durability)


async def test_who_goes_away_takes_nobody_with_him(slow: Slow) -> None:
    gathering = Gathering(slow)  # type: ignore[arg-type]
    waiting = [asyncio.create_task(gathering.submit(_task(number), Durability.MEMORY)) for number in range(4)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[3].cancel()
    slow.go.set()

    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert [isinstance(answer, Accepted) for answer in answers] == [False, True, True, False]


async def test_a_trouble_is_told_to_all_who_went_together_and_to_nobody_after(api: InProcessApi) -> None:
    class Away:
        async def run(self, call: Submit) -> tuple[Accepted, ...]:
            raise StoreUnavailable("Redis is away")

    gathering = Gathering(Away())  # type: ignore[arg-type]
    told = await asyncio.gather(*(gathering.submit(_task(n), Durability.MEMORY) for n in range(9)), return_exceptions=True)
    assert [type(error) for error in told] == [StoreUnavailable] * 9

    gathering._store = api.state["store"]
    assert (await gathering.submit(_task(1), Durability.MEMORY)).standing is Standing.NEW


async def test_nobody_is_left_waiting_who_comes_in_the_moment_in_which_the_last_call_ends(slow: Slow) -> None:
    gathering = Gathering(slow)  # type: ignore[arg-type]

    async def one_after_the_other(first: int, count: int) -> None:
        for number in range(first, first + count):
            assert (await gathering.submit(_task(number), Durability.MEMORY)).standing is Standing.NEW

    # Given as many calls as may be on their way, which end together
    waiting = []
    for number in range(CALLS):
        waiting.append(asyncio.create_task(one_after_the_other(10 * number, 2 if number == 0 else 1)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert len(slow.asked) == CALLS
    slow.let_all_end_together()

    # When one of those who are answered asks for another at once
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)

    # Then it is not forgotten
    assert len(slow.asked) == CALLS + 1


async def test_requests_that_come_together_are_answered_each_for_itself(api: InProcessApi) -> None:
    id_ = "01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42"
    good = [api.submit("demo.anything", payload=number) for number in range(40)]
    same = [api.submit("demo.anything", id=id_, payload=1), api.submit("demo.anything", id=id_, payload=2)]

    answers = await asyncio.gather(*good, *same, api.submit(payload={}))

    ids = {answer.json()["id"] for answer in answers[:40]}
    assert len(ids) == 40
    assert sorted(answer.status_code for answer in answers[40:42]) == [202, 409]
    problem(answers[42], 422, "payload-invalid", "payload.source", "payload.width")
    for number, answer in enumerate(answers[:40]):
        assert (await api.get(answer.json()["href"])).json()["payload"] == number
