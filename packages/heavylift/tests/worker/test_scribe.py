"""What the runs of a child say, on its way to the store: together, throttled, and for as long as it takes."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from heavylift.context import Context, Progress, linked
from heavylift.errors import StoreUnavailable, TaskLost
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Delivery
from heavylift.store.calls import Call, HandOn, Read, Remember
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Event, Progressed, Reporter, StoreTrouble
from heavylift.worker.running import Run, Runs
from heavylift.worker.scribe import EVERY, Scribe
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually


class WatchedStore(RedisStore):
    """A store that remembers what it was asked in each trip, and can be told to fail or to wait."""

    trips: list[Sequence[Call[Any]]]
    failures: int
    gate: threading.Event

    def run_all(self, calls: Sequence[Call[Any]]) -> list[Any]:
        self.trips.append(calls)
        self.gate.wait(10)
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable
        return super().run_all(calls)

    @property
    def remembered(self) -> list[int]:
        """How many memos each trip carried."""
        return [len(call.memos) for calls in self.trips for call in calls if isinstance(call, Remember)]


@pytest.fixture
def store(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WatchedStore]:
    with WatchedStore.from_url(redis_server.url, namespace=namespace) as store:
        store.trips, store.failures, store.gate = [], 0, threading.Event()
        store.gate.set()
        yield store


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def runs(store: WatchedStore, heard: list[Event]) -> Runs:
    return Runs(Scribe(store, Reporter(heard.append)))


@pytest.fixture
def deliveries(store: WatchedStore) -> list[Delivery]:
    submit(store, 3)
    register(store)
    return claim(store, 3)


def progress_of(store: RedisStore, delivery: Delivery) -> Any:
    record = store.run(Read(delivery.id))
    assert record is not None
    return record.progress


def test_the_newest_progress_of_all_tasks_travels_in_one_call_a_few_times_a_second(
    store: WatchedStore, runs: Runs, heard: list[Event], deliveries: list[Delivery]
) -> None:
    begun = time.monotonic()
    with Run(deliveries[0], None, runs) as one, Run(deliveries[1], None, runs) as other:
        for done in range(20_000):
            one.tell(Progress(done))
            other.tell(Progress(done, 20_000))
        eventually(
            lambda: progress_of(store, deliveries[1]), holds=lambda seen: seen and seen["done"] == 19_999, claim="the newest"
        )
        eventually(lambda: progress_of(store, deliveries[0]), holds=lambda seen: seen["done"] == 19_999, claim="the newest")

    trips = int((time.monotonic() - begun) / EVERY) + 1
    assert len(store.trips) <= trips + 1
    eventually(  # it is reported after it is told
        lambda: sum(isinstance(event, Progressed) for event in heard),
        holds=lambda told: told == sum(store.remembered),
        claim="a report of all that was told",
    )
    assert Progressed(task_id=deliveries[1].id, kind="demo.work", done=19_999, total=20_000) in heard


def test_what_waits_while_a_trip_is_under_way_travels_together_in_the_next(
    store: WatchedStore, runs: Runs, deliveries: list[Delivery]
) -> None:
    store.gate.clear()
    with Run(deliveries[0], None, runs) as run:
        first = run.keep_checkpoint("1")
        eventually(lambda: store.trips, claim="the first trip")
        rest = [run.keep_checkpoint(str(n)) for n in range(2, 12)] + [run.keep_effect("mail", "true")]
        recalled = run.recall_effect("mail")
        store.gate.set()

        assert [future.result(5) for future in (first, *rest)] == [None] * 12
        assert recalled.result(5) == "true"

    assert store.remembered == [1, 11]
    assert len(store.trips) == 2


def test_a_checkpoint_does_not_wait_for_the_time_of_progress(store: WatchedStore, runs: Runs, deliveries: list[Delivery]) -> None:
    with Run(deliveries[0], None, runs) as run:
        run.tell(Progress(1))
        eventually(lambda: progress_of(store, deliveries[0]), claim="the first progress")
        run.tell(Progress(2))
        before = time.monotonic()
        run.keep_checkpoint("1").result(5)

        assert time.monotonic() - before < EVERY / 2
        assert progress_of(store, deliveries[0])["done"] == 1


def test_a_store_that_is_away_is_asked_again(
    store: WatchedStore, runs: Runs, heard: list[Event], deliveries: list[Delivery]
) -> None:
    store.failures = 2
    with Run(deliveries[0], None, runs) as run:
        run.tell(Progress(5))
        kept = run.keep_checkpoint("1")

        assert kept.result(5) is None
        eventually(lambda: progress_of(store, deliveries[0]), holds=lambda seen: seen and seen["done"] == 5, claim="its progress")

    assert [event.component for event in heard if isinstance(event, StoreTrouble)] == ["context"] * 2


def test_who_has_lost_the_task_learns_it_from_whatever_it_says(
    store: WatchedStore, runs: Runs, deliveries: list[Delivery]
) -> None:
    store.run(HandOn("w1", "its lease ended", blame=False, max_deaths=3))
    one, other, third = (Run(delivery, None, runs) for delivery in deliveries)
    with one, other, third:
        one.tell(Progress(1))
        eventually(lambda: one.lost, claim="that its progress was refused")
        with pytest.raises(TaskLost):
            other.keep_checkpoint("1").result(5)
        with pytest.raises(TaskLost), linked(third):
            Context(third).once("mail", lambda: "sent")

    assert [run.lost for run in (one, other, third)] == [True] * 3


def test_what_a_run_said_last_is_left_for_whoever_carries_its_end(
    store: WatchedStore, runs: Runs, deliveries: list[Delivery]
) -> None:
    with Run(deliveries[0], None, runs) as run:
        run.tell(Progress(1))
        eventually(lambda: progress_of(store, deliveries[0]), claim="the first progress")
        assert run.last_words() == ()
        run.tell(Progress(2))

    (memo,) = run.last_words()
    assert '"done": 2' in memo.text


@pytest.mark.parametrize("failures", [0, 1])
def test_an_end_waits_for_progress_that_is_on_its_way_and_carries_it_only_when_it_did_not_arrive(
    store: WatchedStore, runs: Runs, deliveries: list[Delivery], failures: int
) -> None:
    # Given progress that is on its way when the run ends
    store.failures = failures
    store.gate.clear()
    with Run(deliveries[0], None, runs) as run:
        run.tell(Progress(1))
        eventually(lambda: store.trips, claim="somebody who carries it")

    # When its end is to be told
    with ThreadPoolExecutor() as pool:
        last_words = pool.submit(run.last_words)
        with pytest.raises(TimeoutError):
            last_words.result(0.1)
        store.gate.set()
        memos = last_words.result(5)

    assert len(memos) == failures
    assert (progress_of(store, deliveries[0]) is None) == (failures == 1)


def test_a_run_that_is_over_is_carried_nothing_more(store: WatchedStore, runs: Runs, deliveries: list[Delivery]) -> None:
    with Run(deliveries[0], None, runs) as run:
        store.gate.clear()
        run.keep_checkpoint("1")
        eventually(lambda: store.trips, claim="a trip")
    too_late = run.keep_checkpoint("2")
    store.gate.set()

    eventually(too_late.cancelled, claim="that nobody carries it")


def test_who_waits_gives_up_after_a_while(
    store: WatchedStore, runs: Runs, deliveries: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heavylift.context.blocking.PATIENCE", 0.3)
    store.gate.clear()
    with Run(deliveries[0], None, runs) as run, pytest.raises(StoreUnavailable, match=r"could not be asked for 0\.3 s"):
        Context(run).checkpoint(1)
    store.gate.set()
