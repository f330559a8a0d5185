"""What is only so for a client that asks the store itself."""

from collections.abc import Callable, Iterator
from functools import reduce

import pytest
from opentelemetry.trace import NonRecordingSpan, SpanContext, use_span
from packages.heavylift.tests.client.conftest import NAMESPACE

from heavylift.client import Client
from heavylift.client.errors import KindUnknown, OnlyOverHttp, RequestInvalid, TooLarge
from heavylift.errors import StoreUnavailable
from heavylift.local import processes
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.eventually import eventually
from tests.support.kinds import ANYTHING


@pytest.fixture
def direct(clients_store: RedisStore, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("HEAVYLIFT_STORE_NAMESPACE", NAMESPACE)
    with Client(redis_server.url) as client:
        yield client


@pytest.mark.parametrize(
    "act",
    [
        lambda client: client.task("1").cancel(),
        lambda client: client.task("1").replay(),
        lambda client: client.task("1").discard(),
        lambda client: client.batch_of("1").cancel(),
        lambda client: client.dead_letters.discard(all=True),
        lambda client: client.keys.list(),
        lambda client: client.queues.pause("default"),
        lambda client: client.queues.purge("default"),
        lambda client: client.cancel_many(all=True),
        lambda client: client.schedules.drop("nightly"),
        lambda client: next(client.audit()),
    ],
    ids=["cancel", "replay", "discard", "batch", "dead letters", "keys", "queues", "purge", "many", "schedules", "audit"],
)
def test_acts_of_operators_go_through_the_api_which_writes_them_down(direct: Client, act: Callable[[Client], object]) -> None:
    with pytest.raises(OnlyOverHttp, match="which writes down who does what"):
        act(direct)


def test_what_was_submitted_one_way_is_answered_the_same_the_other_way(direct: Client, clients_api: ApiProcess) -> None:
    with Client(clients_api.base) as over_http:
        first = direct.submit("demo.anything", {"n": 1}, idempotency_key="both ways")
        again = over_http.submit("demo.anything", {"n": 1}, idempotency_key="both ways")
        batch = over_http.batch([("demo.anything", {"n": 2})], idempotency_key="both ways")
        same = direct.batch([("demo.anything", {"n": 2})], idempotency_key="both ways")

        assert (again.id, again.receipt and again.receipt.replayed) == (first.id, True)
        assert (same.id, same.receipt and same.receipt.replayed) == (batch.id, True)
        assert over_http.task(first.id).read() == direct.task(first.id).read()
        assert list(over_http.task(first.id).logs()) == list(direct.task(first.id).logs()) == []


def test_the_trace_of_the_caller_goes_on_in_the_task(direct: Client) -> None:
    span = NonRecordingSpan(SpanContext(0xAB << 120, 0x1, is_remote=False))

    with use_span(span):
        handle = direct.submit("demo.anything")

    assert handle.read().trace_id == f"{0xAB << 120:032x}"


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"a": float("nan")}, "no JSON number"),
        ({"a": "\ud800"}, "surrogate"),
        ({"a": ["\0"]}, "u0000"),
        (reduce(lambda inner, _: [inner], range(200), []), "deeper than 128"),
    ],
    ids=["nan", "surrogate", "nul", "deep"],
)
def test_what_cannot_be_carried_is_refused(direct: Client, payload: object, told: str) -> None:
    with pytest.raises(RequestInvalid, match=told):
        direct.submit("demo.anything", payload)


def test_a_payload_that_is_too_large_is_refused(direct: Client) -> None:
    with pytest.raises(TooLarge, match="keep big inputs in a file store"):
        direct.submit("demo.anything", {"text": "x" * 1_048_577})


def test_a_kind_that_is_published_later_is_known_soon(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEAVYLIFT_STORE_NAMESPACE", namespace)
    with Client(redis_server.url) as client:
        with pytest.raises(KindUnknown):
            client.submit("demo.anything")
        redis_store.run(calls.Publish((ANYTHING,)))

        assert eventually(lambda: accepted(client), within=10)


def accepted(client: Client) -> bool:
    try:
        return bool(client.submit("demo.anything").id)
    except KindUnknown:  # nobody looks five times a second
        return False


def test_where_no_redis_is_one_is_told_in_time() -> None:
    with Client(f"redis://127.0.0.1:{processes.free_port()}/0", timeout=0.3) as client, pytest.raises(StoreUnavailable):
        client.submit("demo.anything")
