"""What every request goes through: its name, and the limit of its body."""

import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, refused, running_api
from tests.support.problems import problem

LIMIT = 4096


@pytest.fixture
async def small(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> AsyncIterator[InProcessApi]:
    async with running_api(redis_server.url, namespace, body_limit=LIMIT) as api:
        yield api


def _body(size: int) -> bytes:
    frame = b'{"kind": "demo.anything", "payload": "%s"}'
    return frame % (b"x" * (size - len(frame) + 2))


class Source:
    """A body in pieces of 1 000 bytes, as httpx sends it without a Content-Length; it counts what was taken."""

    def __init__(self, body: bytes) -> None:
        self._pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            self.taken += len(piece)
            yield piece


async def test_a_body_of_exactly_the_limit_is_taken(small: InProcessApi) -> None:
    assert (await small.submit_text(_body(LIMIT))).status_code == 202
    assert (
        await small.client.post("/v1/tasks", content=Source(_body(LIMIT)), headers={"Content-Type": "application/json"})
    ).is_success


async def test_a_body_that_is_declared_too_large_is_not_read(small: InProcessApi) -> None:
    source = Source(_body(LIMIT + 1))

    answer = await small.client.post("/v1/tasks", content=source, headers={"Content-Length": str(LIMIT + 1)})

    told = problem(answer, 413, "body-too-large")
    assert str(LIMIT) in told["detail"]
    assert answer.headers["connection"] == "close"
    assert source.taken == 0


async def test_a_body_that_turns_out_too_large_is_read_no_further(small: InProcessApi) -> None:
    source = Source(_body(100 * LIMIT))

    answer = await small.client.post("/v1/tasks", content=source, headers={"Content-Type": "application/json"})

    problem(answer, 413, "body-too-large")
    assert answer.headers["connection"] == "close"
    assert source.taken < LIMIT + 2000


@pytest.mark.parametrize("path", ["/v1/tasks?limit=1", "/v1/tasks/some-id", "/v1/nothing", "/livez"])
async def test_no_address_takes_a_body_that_is_too_large(small: InProcessApi, path: str) -> None:
    answer = await small.client.request("GET", path, content=_body(LIMIT + 1))

    problem(answer, 413, "body-too-large")


async def test_a_poll_with_a_body_that_turns_out_too_large_is_told_so(small: InProcessApi, store: RedisStore) -> None:
    id_ = (await small.submit()).json()["id"]

    answer = await small.client.request("GET", f"/v1/tasks/{id_}?wait=20", content=Source(_body(3 * LIMIT)))

    problem(answer, 413, "body-too-large")


@pytest.mark.parametrize("length", ["many", "-1", "1e3", "9" * 5000, ""])
async def test_a_length_that_is_none_is_no_way_past_the_limit(small: InProcessApi, length: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": length}

    too_large = await small.client.post("/v1/tasks", content=Source(_body(2 * LIMIT)), headers=headers)

    problem(too_large, 413, "body-too-large")


async def test_ten_megabytes_of_text_are_too_large_by_default_and_fine_where_they_are_let_in(
    api: InProcessApi, redis_server: EmbeddedRedis, namespace: str
) -> None:
    problem(await api.submit_text(_body(10_000_000)), 413, "body-too-large")
    async with running_api(redis_server.url, namespace, body_limit=20_000_000) as large:
        accepted = await large.submit_text(_body(10_000_000))
        assert accepted.status_code == 202
        assert len((await large.get(accepted.headers["location"])).json()["payload"]) > 9_900_000


@refused
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "x-unknown"])
async def test_a_compressed_body_is_refused_and_never_unpacked(refusing: InProcessApi, encoding: str) -> None:
    bomb = gzip.compress(b'{"kind": "demo.anything", "payload": "%s"}' % (b"0" * 50_000_000))
    assert len(bomb) < 100_000

    answer = await refusing.submit_text(bomb, **{"Content-Encoding": encoding})

    problem(answer, 415, "body-encoded")
    assert answer.headers["connection"] == "close"


@refused
@pytest.mark.parametrize("given", ["a", "01976b0e-5d7c", "a/b:c=d,e;f", "~" * 128])
async def test_a_request_keeps_the_name_that_its_caller_gave_it(refusing: InProcessApi, given: str) -> None:
    answer = await refusing.client.get("/livez", headers={"X-Request-Id": given})

    assert answer.headers["x-request-id"] == given


@refused
@pytest.mark.parametrize("given", [None, "", "with space", "x" * 129, "tab\there", "ü".encode(), b"\x1b[31mred"])
async def test_a_request_without_a_usable_name_gets_one(refusing: InProcessApi, given: Any) -> None:
    headers = {} if given is None else {"X-Request-Id": given}

    names = {(await refusing.client.get("/livez", headers=headers)).headers["x-request-id"] for _ in range(3)}

    assert len(names) == 3
    assert all(len(name) == 32 and int(name, 16) for name in names)


@refused
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("PUT", "/v1/tasks"), ("POST", "/v1/tasks"), ("GET", "/v1/tasks/x")]
)
async def test_refusals_carry_the_name_too(refusing: InProcessApi, method: str, path: str) -> None:
    answer = await refusing.client.request(method, path, headers={"X-Request-Id": "mine"})

    assert answer.is_client_error
    assert answer.headers["x-request-id"] == "mine"
