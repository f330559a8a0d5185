"""What a child asks for: claims of equal time, and shares that hold on a real store."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product

import pytest

from heavylift.outcome import Succeeded
from heavylift.record import Delivery, Executor, Form, Priority, Submission
from heavylift.store.calls import Claim, Register, Source, Submit, stream_of
from heavylift.store.redis import RedisStore
from heavylift.worker.attempt import Attempt
from heavylift.worker.portions import Portions
from heavylift.worker.turns import PRIORITIES, Turns

HIGH, NORMAL, LOW = (stream_of("default", Executor.PROCESS, priority) for priority in Priority)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def delivered(stream: str, number: int = 1) -> list[Delivery]:
    return [
        Delivery(
            id=str(n), kind="a.b", payload="{}", form=Form.PAYLOAD, queue="default", fence=1, attempt=1, max_attempts=1, deaths=0,
            submitted_at=NOW, queued_at=NOW, started_at=NOW, traceparent="", headers="", stream=stream,
        )
        for n in range(number)
    ]  # fmt: skip


def ran(stream: str, seconds: float, number: int = 1) -> list[Attempt]:
    return [Attempt(delivery, Succeeded("1"), seconds) for delivery in delivered(stream, number)]


def batches(portions: Portions, room: int = 64) -> Mapping[str, int]:
    return {source.stream: source.batch for source in portions.ask(room)}


def simulate(costs: Mapping[str, float], claims: int, *, in_time: bool = True) -> tuple[Counter[str], Counter[str]]:
    """Turns and seconds that each lane gets while all of them are full."""
    portions = Portions(Turns({"default": 1}), in_time=in_time)
    turns, seconds = Counter[str](), Counter[str]()
    for _ in range(claims):
        sources = portions.ask(64)
        stream, batch = next((source.stream, source.batch) for source in sources if source.stream in costs)
        portions.get(delivered(stream, batch), sources, 64)
        portions.learn(ran(stream, costs[stream], batch))
        turns[stream] += 1
        seconds[stream] += batch * costs[stream]  # type: ignore[assignment]  # a counter of seconds
    return turns, seconds


def test_each_lane_is_claimed_by_what_its_own_tasks_take() -> None:
    portions = Portions(Turns({"default": 1}), in_time=True)

    for _ in range(10):
        portions.learn([*ran(HIGH, 0.0001), *ran(NORMAL, 0.005), *ran(LOW, 1.0)])

    assert (batches(portions)[HIGH], batches(portions)[NORMAL], batches(portions)[LOW]) == (64, 4, 1)
    assert set(batches(portions, room=3).values()) == {3, 1}


def test_a_child_that_runs_many_side_by_side_claims_as_many_as_it_has_room_for() -> None:
    portions = Portions(Turns({"default": 1}), in_time=False)
    portions.learn(ran(NORMAL, 60.0))

    assert set(batches(portions, room=17).values()) == {17}


@pytest.mark.parametrize("costs", [(0.002, 0.002), (0.001, 0.01), (0.01, 0.001)])
def test_weights_are_shares_of_time_where_tasks_are_short(costs: tuple[float, float]) -> None:
    _, seconds = simulate({HIGH: costs[0], LOW: costs[1]}, 5_000)

    assert seconds[HIGH] / seconds[LOW] == pytest.approx(16, rel=0.1)  # the first claims are small, until it has learnt


def test_weights_are_shares_of_tasks_where_tasks_are_long() -> None:
    turns, _ = simulate({HIGH: 1.0, LOW: 3600.0}, 1_700)

    assert turns == {HIGH: 1600, LOW: 100}


def test_each_task_of_a_crowd_that_is_taken_at_once_is_paid_for() -> None:
    portions = Portions(Turns({"default": 1}), in_time=False)
    portions.learn([*ran(HIGH, 60.0), *ran(LOW, 60.0)])
    portions.get(delivered(LOW, 64), [Source(LOW, 64)], 64)

    got = 0
    while next(stream for stream in portions.order() if stream != NORMAL and "returned" not in stream) == HIGH:
        portions.get(delivered(HIGH, 64), portions.ask(64), 64)
        got += 64

    assert got == pytest.approx(16 * 64, abs=64)


def test_a_claim_that_leaves_room_says_that_everything_is_empty() -> None:
    portions = Portions(Turns({"default": 1}), in_time=True)
    beginning = portions.order()
    portions.get(delivered(HIGH, 1), portions.ask(1), 1)
    assert portions.order() == beginning  # one of sixteen turns changes nothing yet
    portions.get(delivered(NORMAL, 1), portions.ask(1), 1)
    portions.get(delivered(LOW, 1), portions.ask(1), 1)
    portions.get(delivered(HIGH, 1), portions.ask(64), 64)

    assert portions.order() == beginning


def claims_of(store: RedisStore, portions: Portions, number: int) -> Counter[str]:
    """Claim one task at a time, as a child does whose tasks are slow, and count where they came from."""
    shares = Counter[str]()
    for _ in range(number):
        sources = portions.ask(1)
        deliveries = store.run(Claim("w1", sources))
        portions.get(deliveries, sources, 1)
        shares.update(delivery.stream for delivery in deliveries)
    return shares


def fill(store: RedisStore, number: int, queue: str, priority: Priority) -> None:
    submissions = (Submission(kind="a.b", payload="{}", queue=queue, priority=priority) for _ in range(number))
    store.run(Submit(tuple(submissions)))


def test_ten_thousand_claims_from_a_real_store_are_shared_by_weight(redis_store: RedisStore) -> None:
    queues = {"default": 1, "mail": 3}
    expected = {
        stream_of(queue, Executor.PROCESS, priority): 10_000 * queues[queue] / 4 * PRIORITIES[priority] / 21
        for queue, priority in product(queues, PRIORITIES)
    }
    for queue, priority in product(queues, Priority):
        fill(redis_store, round(1.05 * expected[stream_of(queue, Executor.PROCESS, priority)]), queue, priority)
    redis_store.run(Register("w1", tuple(queues), 600.0, {}))

    shares = claims_of(redis_store, Portions(Turns(queues), in_time=True), 10_000)

    assert shares.total() == 10_000
    for stream, share in expected.items():
        assert shares[stream] == pytest.approx(share, rel=0.03)


def test_a_light_queue_does_not_wait_for_a_heavy_one(redis_store: RedisStore) -> None:
    queues = {"heavy": 1, "light": 1}
    portions = Portions(Turns(queues), in_time=True)
    fill(redis_store, 200, "heavy", Priority.HIGH)
    redis_store.run(Register("w1", tuple(queues), 600.0, {}))
    claims_of(redis_store, portions, 50)

    for _ in range(20):
        fill(redis_store, 1, "light", Priority.LOW)
        shares = claims_of(redis_store, portions, 2)
        assert shares[stream_of("light", Executor.PROCESS, "low")] == 1
