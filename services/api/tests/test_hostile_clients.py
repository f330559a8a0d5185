"""Clients that mean no good, or know no better: a clear answer where HTTP allows one, and bounds of time and memory."""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.record import Delivery, Submission, new_task_id
from heavylift.store import calls
from heavylift.store.calls import Memo
from heavylift.store.redis import RedisStore
from heavylift.story import LogLine
from tests.support.api import ApiProcess
from tests.support.consumer import submit
from tests.support.event_stream import Listener
from tests.support.eventually import eventually
from tests.support.raw_http import connect, exchange, parsed, said

PATIENCE = 1.0  #: Seconds that the process has with its clients.
MEBIBYTE = 2**20
HEAD = b"GET /livez HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture(scope="module")
def process(redis_server: EmbeddedRedis) -> Iterator[ApiProcess]:
    """One process for all of them: what one does must not harm the next."""
    settings = {"HEAVYLIFT_API_CLIENT_PATIENCE": str(PATIENCE), "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning"}
    with ApiProcess(redis_server.url, "hostile", **settings) as api:
        yield api
        assert api.process.poll() is None
        assert "Traceback" not in api.log()


@pytest.fixture(autouse=True)
def _harms_nobody(process: ApiProcess) -> Iterator[None]:
    yield
    assert process.probe("/livez") == 200


def _cut(process: ApiProcess, reason: str) -> int:
    """How many clients were cut off for this reason so far."""
    text = httpx.get(f"{process.base}/metrics", timeout=10).text
    found = re.search(rf'heavylift_api_clients_cut_total{{reason="{reason}"}} (\d+)', text)
    return int(found[1]) if found else 0


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n"],
        [HEAD + b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1000) for number in range(100)) + b"\r\n"],
        [HEAD, b"X-Endless: ", *[b"x" * 50_000] * 20],
        [HEAD, *[b"X-Again: again\r\n" * 1000] * 20],
        [b"GET /v1/tasks/" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"],
    ],
    ids=["one header", "many headers", "a header without end", "headers without end", "an address"],
)
def test_a_head_that_is_too_large_is_told_and_read_no_further(process: ApiProcess, pieces: list[bytes]) -> None:
    answer = exchange(process, *pieces)

    answer.problem(431, "head-too-large")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "request_",
    [
        b"BREW /v1/tasks HTTP/1.1\r\nHost: a\r\n\r\n",
        b"get /v1/tasks HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 1000,
        b"GET /v1/t\xc3\xa4sks\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
        b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=lambda request: repr(request[:60]),
)
def test_what_is_no_http_is_told_so(process: ApiProcess, request_: bytes) -> None:
    exchange(process, request_).problem(400, "not-http")


@pytest.mark.parametrize(
    ("first", "status"),
    [
        (b"OPTIONS * HTTP/1.1", 404),
        (b"CONNECT a:80 HTTP/1.1", 400),
        (b"TRACE /v1/tasks HTTP/1.1", 405),
        (b"GET http://elsewhere/livez HTTP/1.1", 200),
        (b"GET //v1/tasks HTTP/1.1", 404),
        (b"GET /v1/tasks/..%2F..%2Fetc%2Fpasswd HTTP/1.1", 404),
        (b"GET /v1/tasks/../keys HTTP/1.1", 404),
        (b"GET /v1/tasks/%2e%2e HTTP/1.1", 404),
        (b"GET /v1/tasks/a%2Fb HTTP/1.1", 404),
        (b"GET /v1/tasks/%00 HTTP/1.1", 422),
        (b"GET /v1/tasks/a%0d%0aSet-Cookie:x HTTP/1.1", 422),
        (b"GET /v1/tasks/%ff%fe HTTP/1.1", 404),
        (b"GET /v1/tasks/%zz HTTP/1.1", 404),
        (b"GET /v1/tasks/%ed%a0%80 HTTP/1.1", 404),
        (b"GET /v1/tasks/" + b"a" * 60_000 + b" HTTP/1.1", 422),
        (b"GET /v1/tasks?cursor=%00&tag=%ff HTTP/1.1", 400),
        (b"GET /docs/static/..%2f..%2f..%2fapp.py HTTP/1.1", 404),
        (b"GET /docs/static/%2e%2e/%2e%2e/app.py HTTP/1.1", 404),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else None,
)
def test_no_address_leads_where_it_should_not(process: ApiProcess, first: bytes, status: int) -> None:
    answer = exchange(process, first + b"\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert answer.status == status, answer
    if status >= 400:
        assert json.loads(answer.body)["status"] == status


def test_requests_sent_ahead_are_answered_in_their_order(process: ApiProcess) -> None:
    ahead = b"".join(b"GET /v1/tasks/id-%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(50))
    with connect(process) as connection:
        connection.sendall(ahead + HEAD + b"Connection: close\r\n\r\n")
        text = said(connection)

    assert re.findall(rb'"instance":"/v1/tasks/(id-\d+)"', text) == [b"id-%d" % number for number in range(50)]


def test_too_many_requests_sent_ahead_end_the_connection_and_take_no_memory(process: ApiProcess) -> None:
    before, cut = process.memory, _cut(process, "malformed")
    ahead = b"GET /v1/tasks HTTP/1.1\r\nHost: a\r\n\r\n" * 5000

    for _ in range(10):
        with connect(process) as connection, contextlib.suppress(ConnectionError):
            connection.sendall(ahead)
            said(connection)

    assert _cut(process, "malformed") == cut + 10
    assert process.memory - before < 30 * MEBIBYTE


def test_a_head_that_comes_byte_by_byte_is_given_up(process: ApiProcess) -> None:
    with connect(process) as connection:
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in HEAD + b"X-Slow: " + b"x" * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)

        parsed(said(connection)).problem(408, "request-too-slow")
    assert PATIENCE < time.monotonic() - began < PATIENCE + 20


def test_a_body_that_comes_byte_by_byte_is_given_up_and_records_nothing(process: ApiProcess) -> None:
    with connect(process) as connection:
        connection.sendall(
            b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        )
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in b'{"kind": "demo.anything", ' + b" " * 900:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)

        parsed(said(connection)).problem(408, "request-too-slow")
    assert PATIENCE < time.monotonic() - began < PATIENCE + 20
    assert httpx.get(f"{process.base}/v1/tasks").json()["tasks"] == []


def test_a_body_that_takes_long_and_keeps_coming_is_taken(process: ApiProcess) -> None:
    body = b'{"kind": "demo.anything", "payload": "%s"}' % (b"x" * 60_000)
    with connect(process) as connection:
        head = b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
        connection.sendall(head + b"Connection: close\r\n\r\n")
        for at in range(0, len(body), 3000):  # for three times as long as its patience
            connection.sendall(body[at : at + 3000])
            time.sleep(3 * PATIENCE / 20)

        parsed(said(connection)).problem(404, "unknown-kind")


def test_who_connects_and_says_nothing_is_sent_away_without_a_word(process: ApiProcess) -> None:
    with connect(process, timeout=20) as connection:
        assert said(connection) == b""


def test_an_answer_that_nobody_takes_is_held_for_a_while_and_no_longer(process: ApiProcess, redis_server: EmbeddedRedis) -> None:
    # Given a task with a payload of five megabytes
    with RedisStore.from_url(redis_server.url, namespace="hostile") as store:
        id_ = _large_task(store)
    request = f"GET /v1/tasks/{id_} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    before, cut = process.memory, _cut(process, "unread")

    # When ten ask for it eight times each and take nothing
    with ExitStack() as opened:
        for _ in range(10):
            opened.enter_context(connect(process, window=4096)).sendall(request * 8)
        eventually(lambda: _cut(process, "unread"), holds=lambda now: now == cut + 10, within=20, claim="all are cut off")

    # Then each had no more than one answer waiting, which is there as a record, as text and as bytes
    assert process.memory - before < 250 * MEBIBYTE

    # And it was not for long: the same again takes no more
    again = process.memory
    for more in (20, 30, 40):
        with ExitStack() as opened:
            for _ in range(10):
                opened.enter_context(connect(process, window=4096)).sendall(request * 8)
            eventually(
                lambda: _cut(process, "unread"),
                holds=lambda now, all_=cut + more: now == all_,
                within=20,
                claim="all are cut off",
            )
    assert process.memory - again < 100 * MEBIBYTE, "what those before were held for was given back"


def _large_task(store: RedisStore) -> str:
    (accepted,) = store.run(calls.Submit((Submission(kind="demo.anything", payload=json.dumps("x" * 5_000_000)),)))
    return accepted.id


def _running_task(store: RedisStore) -> Delivery:
    queue = f"of-{new_task_id()}"
    submit(store, queue=queue)
    store.run(calls.Register(queue, (queue,), 60.0, {}))
    (delivery,) = store.run(calls.Claim.of(queue, (queue,)))
    return delivery


def _log(store: RedisStore, delivery: Delivery, number: int, count: int = 60) -> str:
    """A portion of as many long lines; what the last of them says."""
    numbers = range(number * count, (number + 1) * count)
    lines = [LogLine(n + 1, 1_769_860_800_000, "info", 1, "app", f"{n} {'x' * 3900}", {}) for n in numbers]
    store.run(calls.Remember((Memo.log(delivery.id, delivery.fence, lines),)))
    return lines[-1].message


def _follow_and_read_nothing(process: ApiProcess, id_: str, opened: ExitStack) -> socket.socket:
    connection = opened.enter_context(connect(process, window=4096))
    connection.sendall(f"GET /v1/tasks/{id_}/events HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return connection


def test_who_follows_a_task_and_reads_nothing_is_cut_off_takes_no_memory_and_delays_nobody(
    redis_server: EmbeddedRedis, namespace: str
) -> None:
    settings = {"HEAVYLIFT_API_CLIENT_PATIENCE": "8", "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning"}
    with (
        ApiProcess(redis_server.url, namespace, **settings) as api,
        RedisStore.from_url(redis_server.url, namespace=namespace) as store,
        ExitStack() as opened,
    ):
        # Given a task that says much, one who listens, and forty who follow it and read nothing
        delivery = _running_task(store)
        listener = opened.enter_context(Listener(api.base, delivery.id))
        listener.hear("log", message=_log(store, delivery, 0))
        before = api.memory
        for _ in range(40):
            _follow_and_read_nothing(api, delivery.id, opened)
        eventually(lambda: _streams(api), holds=lambda count: count == 41, claim="all follow")

        # When it goes on, then the one is told while nobody has been given up
        for number in range(1, 6):
            listener.hear("log", message=_log(store, delivery, number))
        assert _cut(api, "unread") == 0

        # And the others are given up in time, with no more kept for each than one portion and what the kernel has for it
        peak, number, until = api.memory, 6, time.monotonic() + 40
        while _cut(api, "unread") < 40 or number < 20:
            assert time.monotonic() < until, "not all of them are given up"
            last = _log(store, delivery, number)
            peak, number = max(peak, api.memory), number + 1
        listener.hear("log", message=last)
        assert (peak - before) / 40 < MEBIBYTE, f"of {number / 4:g} MiB that were said"
        assert _streams(api) == 1
        assert "(unread)" in api.log()


def test_who_stops_reading_when_little_is_left_is_cut_off_as_well(process: ApiProcess, redis_server: EmbeddedRedis) -> None:
    """The kernel has it all then, and would have it for as long as the task runs."""
    cut = _cut(process, "unread")
    with RedisStore.from_url(redis_server.url, namespace="hostile") as store, ExitStack() as opened:
        delivery = _running_task(store)
        _log(store, delivery, 0, count=5)

        _follow_and_read_nothing(process, delivery.id, opened)

        eventually(lambda: _cut(process, "unread"), holds=lambda now: now == cut + 1, within=20, claim="it is cut off")
        eventually(lambda: _streams(process), holds=lambda count: count == 0, claim="its stream is over")


def test_who_reads_a_stream_slowly_keeps_it(process: ApiProcess, redis_server: EmbeddedRedis) -> None:
    with RedisStore.from_url(redis_server.url, namespace="hostile") as store, ExitStack() as opened:
        delivery = _running_task(store)
        _log(store, delivery, 0)
        connection = _follow_and_read_nothing(process, delivery.id, opened)
        heard = b""

        began = time.monotonic()
        while time.monotonic() < began + 5 * PATIENCE:
            heard += connection.recv(2000)
            time.sleep(0.05)
        store.run(calls.Complete((calls.Ended(delivery.id, delivery.fence, Succeeded("1")),)))
        while b"event: end" not in heard[-4000:]:
            heard += connection.recv(65536)

    assert heard.count(b"event: log") == 60


def _streams(process: ApiProcess) -> int:
    """How many are open."""
    found = re.search(r"heavylift_api_streams (\d+)", httpx.get(f"{process.base}/metrics", timeout=10).text)
    return int(found[1]) if found else 0


def _idle(process: ApiProcess, count: int, opened: ExitStack) -> list[socket.socket]:
    return [opened.enter_context(connect(process)) for _ in range(count)]


def test_five_thousand_idle_connections_cost_little_and_disturb_nobody(redis_server: EmbeddedRedis, namespace: str) -> None:
    settings = {"HEAVYLIFT_API_CLIENT_PATIENCE": "8", "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning"}
    with ApiProcess(redis_server.url, namespace, **settings) as api, ExitStack() as opened:
        _times(api, 50)  # what the first requests cost is not the connections'
        before = api.memory

        # Given 5 000, half of which have begun a request
        for number, connection in enumerate(_idle(api, 5000, opened)):
            if number % 2:
                connection.sendall(HEAD)

        # Then others are served as if they were alone, and each costs a few KiB
        times = sorted(_times(api, 200))
        assert times[180] < 0.25, times[100::10]
        assert (api.memory - before) / 5000 < 24 * 1024

        # And they are sent away in time
        eventually(lambda: _open(api), holds=lambda count: count < 60, within=30, claim="all are closed")


def test_two_thousand_who_send_a_byte_a_second_cost_little_disturb_nobody_and_are_sent_away(
    redis_server: EmbeddedRedis, namespace: str
) -> None:
    settings = {"HEAVYLIFT_API_CLIENT_PATIENCE": "8", "HEAVYLIFT_TELEMETRY_LOG_LEVEL": "warning"}
    with ApiProcess(redis_server.url, namespace, **settings) as api, ExitStack() as opened:
        _times(api, 50)
        before = api.memory
        connections = _idle(api, 2000, opened)

        # When each sends a byte of its head now and then, so that it is never silent
        for connection in connections:
            connection.sendall(HEAD + b"X-Slow: ")
        with _dribbling(connections):
            # Then others are served, and each costs a few KiB
            times = sorted(_times(api, 200))
            assert times[180] < 0.25, times[100::10]
            assert (api.memory - before) / 2000 < 24 * 1024

            # And all of them are told in time that they were too slow
            eventually(lambda: _cut(api, "slow"), holds=lambda count: count == 2000, within=40, claim="all are sent away")
        eventually(lambda: _open(api), holds=lambda count: count < 60, within=30, claim="all are closed")


@contextlib.contextmanager
def _dribbling(connections: list[socket.socket]) -> Iterator[None]:
    """A byte a second from each."""
    over = threading.Event()

    def dribble() -> None:
        while not over.wait(1.0):
            for connection in connections:
                with contextlib.suppress(OSError):  # it was sent away
                    connection.send(b"x")

    thread = threading.Thread(target=dribble)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _times(api: ApiProcess, count: int) -> list[float]:
    times = []
    with httpx.Client(timeout=20) as client:
        for _ in range(count):
            began = time.monotonic()
            assert client.get(f"{api.base}/v1/tasks").status_code == 200
            times.append(time.monotonic() - began)
    return times


def _open(api: ApiProcess) -> int:
    """Descriptors that the process has."""
    return sum(1 for _ in Path(f"/proc/{api.process.pid}/fd").iterdir())


def test_beyond_as_many_connections_as_may_be_requests_are_told_and_probes_answered(
    redis_server: EmbeddedRedis, namespace: str
) -> None:
    with ApiProcess(redis_server.url, namespace, HEAVYLIFT_API_CONNECTIONS="20") as api, ExitStack() as opened:
        _idle(api, 20, opened)

        # One more is told to come again, and why; a probe is answered
        answer = exchange(api, b"GET /v1/tasks HTTP/1.1\r\nHost: a\r\n\r\n")
        assert "20 connections" in answer.problem(503, "too-many-connections")["detail"]
        assert answer.headers["retry-after"] == "2"
        assert exchange(api, HEAD + b"Connection: close\r\n\r\n").status == 200

        # Far beyond that nobody is let in at all
        late = _idle(api, 80, opened)
        eventually(lambda: _is_closed(late[-1]), claim="the last is sent away")

        # And when they leave there is room
        opened.close()
        eventually(lambda: api.probe("/v1/tasks") == 200, claim="service as before")


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.1)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
