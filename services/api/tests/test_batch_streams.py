"""Streams of what becomes of batches, over real sockets, at two processes."""

import time
from typing import Any

import httpx
import pytest

from heavylift.access import Scope
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Failed, Failure, Succeeded
from heavylift.state import FailureReason
from heavylift.store import calls
from heavylift.store.calls import Ended
from heavylift.store.redis import RedisStore
from heavylift_api.batch_reader import PACE
from tests.support.api import ApiProcess
from tests.support.asgi import InProcessApi, running_api
from tests.support.consumer import claim, register
from tests.support.event_stream import Listener
from tests.support.eventually import eventually
from tests.support.forwarder import Forwarder
from tests.support.keys import bearer, make_key

BROKEN = Failed(Failure("ValueError", "it broke", retryable=False, fingerprint="f"), FailureReason.PERMANENT)


def _batch(process: ApiProcess, count: int) -> tuple[str, list[str]]:
    """A batch of so many tasks, and their ids."""
    body = {"tasks": [{"kind": "demo.anything", "payload": {"n": number}} for number in range(count)]}
    told = httpx.post(f"{process.base}/v1/batches", json=body).json()
    return told["id"], [item["task"]["id"] for item in told["tasks"]]


def _listen(process: str, batch: str, last: str | None = None) -> Listener:
    return Listener(process, batch, last, of="batches")


def _end_next(store: RedisStore, outcome: Any = None) -> None:
    (delivery,) = claim(store)
    store.run(calls.Complete((Ended(delivery.id, delivery.fence, outcome or Succeeded("1")),)))


def _ends(*listeners: Listener) -> list[tuple[str, str]]:
    events = [event for listener in listeners for event in listener.heard]
    return [(event.data["id"], event.data["state"]) for event in events if event.name == "ended"]


def test_each_end_and_each_change_of_the_counts_is_told_at_every_process(two: list[ApiProcess], store: RedisStore) -> None:
    here, there = two
    batch, (first, second, third) = _batch(here, 3)
    register(store)
    with _listen(here.base, batch) as one, _listen(there.base, batch) as other:
        for listener in (one, other):
            listener.hear("counts", made=3, pending=3)
        _end_next(store)
        other.hear("ended", id=first, state="succeeded")
        one.hear("counts", pending=2, succeeded=1)
        httpx.post(f"{here.base}/v1/tasks/{third}/cancel")
        other.hear("counts", pending=1, cancelled=1)
        _end_next(store, BROKEN)

        one.finish(), other.finish()

    ends = [(first, "succeeded"), (third, "cancelled"), (second, "failed")]
    assert _ends(one) == _ends(other) == ends
    assert [event.id for event in one.heard if event.id] == ["1", "2", "3", "3.end"]
    last = one.heard[-1]
    assert (last.name, last.data["pending"], last.data["succeeded"], last.data["failed"]) == ("end", 0, 1, 1)
    assert last.data == httpx.get(f"{here.base}/v1/batches/{batch}").json()


def test_who_is_cut_off_goes_on_at_another_process_without_gap_or_repetition(two: list[ApiProcess], store: RedisStore) -> None:
    batch, ids = _batch(two[0], 5)
    register(store)
    last: str | None = None
    heard: list[Listener] = []
    for number, process in enumerate((*two, *two)):
        with Forwarder(int(process.base.rsplit(":", 1)[1])) as proxy:
            listener = _listen(proxy.url.replace("redis://", "http://"), batch, last)
            with listener:
                _end_next(store)
                listener.hear("ended", id=ids[number])
                proxy.cut()
                eventually(lambda: listener.over, claim="the cut")  # noqa: B023  it is called at once
        heard, last = [*heard, listener], listener.last
    _end_next(store)
    with _listen(two[0].base, batch, last) as listener:
        heard.append(listener.finish())

    assert _ends(*heard) == [(id_, "succeeded") for id_ in ids]
    assert listener.last == "5.end"


def test_who_comes_when_all_is_over_is_told_everything_and_once(two: list[ApiProcess], store: RedisStore) -> None:
    many = calls.FollowBatch.PORTION + 100
    batch, ids = _batch(two[0], many)
    register(store)
    for _ in range(0, many, 100):
        deliveries = claim(store, 100)
        store.run(calls.Complete(tuple(Ended(delivery.id, delivery.fence, Succeeded("1")) for delivery in deliveries)))

    with _listen(two[1].base, batch) as listener:
        listener.finish()
    with _listen(two[0].base, batch, listener.last) as again:
        again.finish()

    assert [id_ for id_, _ in _ends(listener)] == ids
    assert [event.name for event in listener.heard if event.name != "ended"] == ["end"]
    assert (again.status, again.heard) == (204, [])


def test_a_batch_that_a_replay_opens_again_is_followed_on_from_its_end(two: list[ApiProcess], store: RedisStore) -> None:
    batch, (id_,) = _batch(two[0], 1)
    register(store)
    _end_next(store, BROKEN)
    with _listen(two[0].base, batch) as before:
        before.finish()
    assert before.last == "1.end"

    httpx.post(f"{two[0].base}/v1/tasks/{id_}/replay").raise_for_status()
    with _listen(two[1].base, batch, before.last) as after:
        after.hear("counts", pending=1, failed=0, ended_at=None)
        _end_next(store)
        after.finish()

    assert _ends(before) == [(id_, "failed")]
    assert _ends(after) == [(id_, "succeeded")]
    assert after.last == "2.end"


@pytest.mark.parametrize("id_", ["1.0", "x", "-1", "01", "1.end.end", "1234567890"])
async def test_an_id_that_was_never_given_out_is_refused(api: InProcessApi, id_: str) -> None:
    tasks = {"tasks": [{"kind": "demo.anything"}]}
    batch = (await api.client.post("/v1/batches", json=tasks)).json()["id"]

    for sent in ({"headers": {"Last-Event-ID": id_}}, {"headers": {"Last-Event-ID": "1"}, "params": {"after": id_}}):
        answer = await api.client.get(f"/v1/batches/{batch}/events", **sent)

        assert (answer.status_code, answer.json()["type"]) == (400, "urn:heavylift:problem:event-id-invalid")


async def test_a_batch_of_another_tenant_is_none(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> None:
    acme, other = make_key(store, Scope.SUBMIT, Scope.READ, tenant="acme"), make_key(store, Scope.READ, tenant="other")
    async with running_api(redis_server.url, namespace, auth="on") as api:
        tasks = {"tasks": [{"kind": "demo.anything"}]}
        batch = (await api.client.post("/v1/batches", json=tasks, headers=bearer(acme))).json()["id"]

        answer = await api.client.get(f"/v1/batches/{batch}/events", headers=bearer(other))

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:heavylift:problem:batch-not-found")


def test_a_batch_is_read_for_those_who_follow_it_ten_times_a_second_however_fast_it_moves(
    two: list[ApiProcess], store: RedisStore
) -> None:
    many = 200
    batch, ids = _batch(two[0], many)
    register(store)
    deliveries = claim(store, many)
    began = time.monotonic()
    with _listen(two[0].base, batch) as listener:
        for delivery in deliveries:
            store.run(calls.Complete((Ended(delivery.id, delivery.fence, Succeeded("1")),)))
        listener.finish()
    seconds = time.monotonic() - began

    counts = [event for event in listener.heard if event.name == "counts"]
    assert len(counts) <= seconds / PACE + 2  # those of the beginning, and of the first change
    assert sorted(id_ for id_, _ in _ends(listener)) == sorted(ids)


def test_a_connection_to_a_batch_is_kept_alive_while_nothing_happens(
    redis_server: EmbeddedRedis, store: RedisStore, namespace: str
) -> None:
    with ApiProcess(redis_server.url, namespace, HEAVYLIFT_API_STREAM_KEEP_ALIVE="0.1") as process:
        batch, _ = _batch(process, 1)
        with _listen(process.base, batch) as listener:
            eventually(lambda: listener.comments >= 2, claim="comments")

    assert [event.name for event in listener.heard] == ["counts"]
