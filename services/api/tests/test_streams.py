"""Streams of events, over real sockets: with two processes, workers, cut connections and a Redis that goes away."""

import asyncio
import contextlib
import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Message

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failure, Retry, Succeeded
from heavylift.record import Delivery
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.calls import Ended, Memo
from heavylift.store.redis import RedisStore
from heavylift.story import Place
from heavylift.telemetry import Reporter
from heavylift_api.callers import ANYBODY
from heavylift_api.deadline import TimelyStore
from heavylift_api.event_shapes import TaskEvent
from heavylift_api.feeds import Feeds, News
from heavylift_api.stream import KEEP_ALIVE, EventStream
from heavylift_api.task_reader import TaskReader
from heavylift_api.waiters import Waiters
from tests.support.api import ApiProcess
from tests.support.consumer import claim, register, submit
from tests.support.event_stream import Listener
from tests.support.eventually import eventually
from tests.support.forwarder import Forwarder
from tests.support.worker import WorkerProcess

MANY = 2000
LONG_LEASE = {"HEAVYLIFT_WORKER_LEASE": "30"}  #: A busy machine may be late to renew, and that would be another hand-on.


def progress(store: RedisStore, delivery: Delivery, done: int) -> None:
    store.run(calls.Remember((Memo.progress(delivery.id, delivery.fence, {"done": done, "total": None, "message": None}),)))


def succeed(store: RedisStore, delivery: Delivery) -> None:
    store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded("1")),)))


def taken(store: RedisStore) -> Delivery:
    submit(store)
    register(store)
    (delivery,) = claim(store)
    return delivery


def test_each_step_is_told_at_every_process_as_it_happens(two: list[ApiProcess], store: RedisStore) -> None:
    here, there = two
    (id_,) = submit(store)
    with Listener(here.base, id_) as one, Listener(there.base, id_) as other:
        one.hear("state", state="queued")
        other.hear("state", state="queued")
        register(store)
        (first,) = claim(store)
        other.hear("state", state="running", attempt=1)
        progress(store, first, 7)
        assert other.hear("progress").data["progress"]["done"] == 7
        store.run(calls.Reschedule((Ended(id_, first.fence, Retry(0.0, Failure("ValueError", "it broke", retryable=True))),)))
        one.hear("state", state="scheduled", fate="retried")
        eventually(lambda: store.run(calls.Promote()).promoted, claim="the pause is over")
        (again,) = claim(store)
        one.hear("state", state="running", attempt=2)
        store.run(calls.HandOn("w1", "SIGKILL", blame=True, max_deaths=3))
        other.hear("state", state="queued", fate="worker_lost")
        register(store, "w2")
        (last,) = claim(store, consumer="w2")
        succeed(store, last)

        assert one.finish().ids == other.finish().ids
    assert again.fence == 2
    assert one.states == ["queued", "running", "scheduled", "queued", "running", "queued", "running", "succeeded"]
    assert [event.name for event in one.heard[-2:]] == ["state", "end"]
    assert one.retry is not None


def test_who_is_cut_off_goes_on_at_another_process_without_gap_or_repetition(two: list[ApiProcess], store: RedisStore) -> None:
    delivery = taken(store)
    last: str | None = None
    ids: list[str | None] = []
    for round_, process in enumerate((*two, *two)):
        with Forwarder(int(process.base.rsplit(":", 1)[1])) as proxy:
            listener = Listener(proxy.url.replace("redis://", "http://"), delivery.id, last)
            with listener:
                progress(store, delivery, 2 * round_)
                listener.hear("progress", progress={"done": 2 * round_, "total": None, "message": None})
                proxy.cut()
                eventually(lambda: listener.over, claim="the cut")  # noqa: B023  it is called at once
        ids, last = ids + listener.ids, listener.last
    succeed(store, delivery)
    with Listener(two[0].base, delivery.id, last) as listener:
        ids += listener.finish().ids

    assert len(set(ids)) == len(ids)
    assert ids == ["0.0", "1.0", "1.1.0.1", "1.1.0.2", "1.1.0.3", "1.1.0.4", "1.4", "1.4.0.1"]


def test_both_attempts_of_a_task_whose_worker_died_are_told_in_order(
    redis_server: EmbeddedRedis, two: list[ApiProcess], store: RedisStore, namespace: str, tmp_path: Path
) -> None:
    settings = {"HEAVYLIFT_WORKER_TASKS": "tests.support.context_tasks", "HEAVYLIFT_WORKER_CONCURRENCY": "1"} | LONG_LEASE
    with WorkerProcess(redis_server.url, namespace, **settings) as worker:
        body = {"kind": "context.wait_to_be_killed", "payload": {"path": str(tmp_path / "task")}}
        id_ = httpx.post(f"{two[0].base}/v1/tasks", json=body).json()["id"]
        with Listener(two[1].base, id_) as listener:
            listener.hear("progress", run=1)
            (pid,) = eventually(lambda: (tmp_path / "task").read_text().split(), claim="the first run")
            os.kill(int(pid), signal.SIGKILL)
            listener.finish()
        assert worker.is_ready()

    assert listener.states == ["queued", "running", "queued", "running", "succeeded"]
    runs = [event.data["run"] for event in listener.heard if event.name == "progress"]
    assert runs == sorted(runs)
    assert set(runs) == {1, 2}
    assert listener.hear("state", fate="worker_lost").data["error"]["type"] == "WorkerLost"


def test_a_stream_outlives_the_absence_of_redis(namespace: str) -> None:
    with (
        EmbeddedRedis() as own,
        ApiProcess(own.url, namespace, HEAVYLIFT_API_STREAM_KEEP_ALIVE="0.2") as process,
        RedisStore.from_url(own.url, namespace=namespace) as store,
    ):
        delivery = taken(store)
        with Listener(process.base, delivery.id) as listener:
            listener.hear("state", state="running")
            os.kill(own.pid, signal.SIGSTOP)
            eventually(lambda: process.probe("/readyz"), holds=lambda status: status == 503, claim="Redis is missed")
            comments = listener.comments
            eventually(lambda: listener.comments, holds=lambda seen: seen > comments + 5, claim="signs of life without Redis")
            os.kill(own.pid, signal.SIGCONT)
            progress(store, delivery, 1)
            listener.hear("progress")
            succeed(store, delivery)
            listener.finish()

    assert listener.ids == ["0.0", "1.0", "1.1.0.1", "1.4", "1.4.0.1"]


def test_a_process_that_ends_ends_its_streams_so_that_they_go_on_elsewhere(two: list[ApiProcess], store: RedisStore) -> None:
    delivery = taken(store)
    with Listener(two[0].base, delivery.id) as listener:
        listener.hear("state", state="running")
        begun = time.monotonic()
        assert two[0].terminate() == 0
        listener.finish()
    assert time.monotonic() - begun < 3
    with Listener(two[1].base, delivery.id, listener.last) as again:
        succeed(store, delivery)

        assert [event.name for event in again.finish().heard] == ["state", "end"]


def test_a_record_that_is_deleted_ends_the_stream_and_says_so(two: list[ApiProcess], store: RedisStore) -> None:
    delivery = taken(store)
    with Listener(two[0].base, delivery.id) as listener:
        listener.hear("state", state="running")
        store._client.delete(f"{store.partition}:task:{delivery.id}")
        store._client.client_kill_filter(_type="pubsub")  # so that everybody looks again

        assert listener.finish().heard[-1].name == "gone"


@pytest.fixture
def files() -> Iterator[None]:
    """Room for many open sockets in the processes of this test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * MANY)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_two_thousand_streams_ask_redis_nothing_while_nothing_happens(
    files: None, redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    """Half of them follow one task, each of the others one of its own."""
    shared, *own = submit(store, MANY // 2 + 1)
    with ApiProcess(redis_server.url, namespace) as process:
        port = int(process.base.rsplit(":", 1)[1])
        streams = [await opened(port, id_) for id_ in (*own, *[shared] * (MANY // 2))]
        await asyncio.gather(*(reader.readuntil(b'"queued"') for reader, _ in streams))
        assert "heavylift_api_streams 2000.0" in httpx.get(f"{process.base}/metrics").text
        before = spoken(store)
        await asyncio.sleep(1)
        idle = spoken(store) - before
        store.run(calls.Cancel(shared))
        async with asyncio.timeout(20):
            told = await asyncio.gather(*(reader.read() for reader, _ in streams[MANY // 2 :]))
        cost = spoken(store) - before - idle
        for _, writer in streams:
            writer.close()

    assert all(b"event: end" in text for text in told)
    assert idle < 20, "the heartbeat of the subscription, and the catalogue"
    assert cost < 60, "one reading serves all who know the same"


async def opened(port: int, id_: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /v1/tasks/{id_}/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    return reader, writer


def spoken(store: RedisStore) -> int:
    """Commands that Redis has run, scripts' own included."""
    return int(store._client.info("stats")["total_commands_processed"])


async def test_a_stream_that_finds_no_redis_in_its_first_moment_rests_and_keeps_nobody_from_working(
    redis_server: EmbeddedRedis, namespace: str
) -> None:
    async_store = AsyncRedisStore.from_url(redis_server.url, namespace=namespace)
    waiters = Waiters(async_store, patience=1.5)  # whose subscription does not stand
    timely = TimelyStore(async_store, Reporter(), 1.5)
    feeds = Feeds(TaskReader(timely), timely, waiters)
    first: News[Place, TaskEvent] = News((), Place(0, 0), over=False, more=False, text=b"")
    stream = EventStream(ANYBODY, "1", first, feeds=feeds, waiters=waiters, keep_alive=0.02, opened=contextlib.nullcontext)
    sent: list[bytes] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nobody leaves")

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))

    async with asyncio.timeout(20):
        answering = asyncio.create_task(stream({}, receive, send))
        while sent.count(KEEP_ALIVE) < 3:
            await asyncio.sleep(0.01)
        waiters.drain()
        await answering
    await async_store.close()
