"""The process: what only real sockets show."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from heavylift.local import processes
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store.redis import RedisStore
from heavylift_api.__main__ import main
from heavylift_api.settings import ApiSettings
from tests.support.api import ApiProcess
from tests.support.consumer import submit
from tests.support.eventually import eventually
from tests.support.problems import problem

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def process(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> Iterator[ApiProcess]:
    with ApiProcess(redis_server.url, namespace, HEAVYLIFT_API_BODY_LIMIT="65536") as api:
        yield api


def _connect(process: ApiProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(process.base.rsplit(":", 1)[1])), timeout=5)


def _lines(process: ApiProcess, event: str, **fields: Any) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in process.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event and fields.items() <= line.items()]


def _await_line(process: ApiProcess, event: str, **fields: Any) -> dict[str, Any]:
    return eventually(lambda: _lines(process, event, **fields), claim=f"a line {event} with {fields}")[0]


def test_a_process_serves_and_says_so(process: ApiProcess, store: RedisStore) -> None:
    """One process for all that needs only a look: a start costs a second."""
    _the_log_names_request_and_trace(process)
    _a_declared_body_is_refused_before_it_is_sent(process)
    _an_endless_body_is_cut_off(process)
    _nonsense_does_not_disturb(process)
    _a_client_that_goes_away_is_noticed(process, store)
    assert _lines(process, "http.crashed") == []


def _the_log_names_request_and_trace(process: ApiProcess) -> None:
    headers = {"X-Request-Id": "request-1", "traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}
    answer = httpx.post(f"{process.base}/v1/tasks", json={"kind": "demo.anything"}, headers=headers)

    line = _await_line(process, "http.request", request_id="request-1")
    assert (line["method"], line["path"], line["status"], line["trace_id"]) == ("POST", "/v1/tasks", 202, TRACE_ID)
    assert 0 < line["duration"] < 5
    assert line["service"] == "heavylift-api"
    accepted = _await_line(process, "task.accepted", request_id="request-1")
    assert (accepted["task_id"], accepted["trace_id"]) == (answer.json()["id"], TRACE_ID)
    assert "server" not in answer.headers
    assert _lines(process, "http.request", path="/readyz") == [], "probes are no news"


def _a_declared_body_is_refused_before_it_is_sent(process: ApiProcess) -> None:
    with _connect(process) as connection:
        connection.sendall(
            b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n"
        )

        assert _answer(connection).startswith(b"HTTP/1.1 413 ")


def _an_endless_body_is_cut_off(process: ApiProcess) -> None:
    with _connect(process) as connection:
        connection.sendall(
            b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
        for _ in range(5):
            connection.sendall(chunk)

        answer = _answer(connection)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer.lower()


def _answer(connection: socket.socket) -> bytes:
    """All that is said until the other side closes."""
    said = b""
    while piece := connection.recv(65536):
        said += piece
    return said


def _nonsense_does_not_disturb(process: ApiProcess) -> None:
    for request in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/tasks HTTP/1.1\r\nContent-Length: -5\r\n\r\n"):
        with _connect(process) as connection:
            connection.sendall(request)
            assert _answer(connection).startswith(b"HTTP/1.1 400 ")
    assert process.probe("/livez") == 200


def _a_client_that_goes_away_is_noticed(process: ApiProcess, store: RedisStore) -> None:
    (id_,) = submit(store)
    with _connect(process) as connection:
        connection.sendall(f"GET /v1/tasks/{id_}?wait=60 HTTP/1.1\r\nHost: a\r\nX-Request-Id: gone\r\n\r\n".encode())
        eventually(lambda: store._client.hget(f"{store.partition}:task:{id_}", "watchers"), claim="the poll has begun")

    assert _await_line(process, "http.request", request_id="gone")["status"] == 499


def test_sigterm_answers_those_who_wait_and_ends_the_process_in_order(process: ApiProcess, store: RedisStore) -> None:
    ids = submit(store, 20)
    with ThreadPoolExecutor(len(ids)) as pool:
        polls = [pool.submit(httpx.get, f"{process.base}/v1/tasks/{id_}?wait=60", timeout=70) for id_ in ids]
        eventually(lambda: _watched(store, ids), holds=lambda count: count == len(ids), claim="the polls have begun")
        began = time.monotonic()

        process.process.send_signal(signal.SIGTERM)

        answers = [poll.result(timeout=5) for poll in polls]
        code = process.process.wait(timeout=5)
    assert code == 0, process.log()
    assert time.monotonic() - began < 2
    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "queued")] * 20
    for line in process.log().splitlines():
        json.loads(line)  # all that it has ever said


def _watched(store: RedisStore, ids: list[str]) -> int:
    return sum(store._client.hexists(f"{store.partition}:task:{id_}", "watchers") for id_ in ids)


def test_a_process_ends_in_order_without_its_redis(namespace: str) -> None:
    with EmbeddedRedis() as server, ApiProcess(server.url, namespace) as api:
        with RedisStore.from_url(server.url, namespace=namespace) as store:
            (id_,) = submit(store)
            answers: list[httpx.Response] = []
            poll = threading.Thread(
                target=lambda: answers.append(httpx.get(f"{api.base}/v1/tasks/{id_}?wait=60", timeout=10)), daemon=True
            )
            poll.start()
            eventually(lambda: _watched(store, [id_]), claim="the poll has begun")
        server.kill()
        began = time.monotonic()

        assert api.terminate(within=5) == 0

        assert time.monotonic() - began < 2.5
        poll.join(timeout=5)
    problem(answers[0], 503, "store-unavailable")


def test_a_taken_port_is_told_with_its_option(redis_server: EmbeddedRedis, namespace: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        api = ApiProcess(redis_server.url, namespace, HEAVYLIFT_API_PORT=port)
        api.launch()
        code, said = api.process.wait(timeout=20), api.log()
        api.stop()

    assert code == 2
    assert f"port {port} on 127.0.0.1 is taken" in said
    assert "HEAVYLIFT_API_PORT" in said
    assert "Traceback" not in said


def test_a_setting_that_cannot_be_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEAVYLIFT_API_BODY_LIMIT", "-1")

    assert main() == 2

    assert capsys.readouterr().err.startswith("heavylift api: HEAVYLIFT_API_BODY_LIMIT: ")


def test_a_password_of_redis_is_never_told(namespace: str) -> None:
    url = f"redis://:hunter2@127.0.0.1:{processes.free_port()}/0"
    api = ApiProcess(url, namespace, HEAVYLIFT_TELEMETRY_LOG_LEVEL="debug")
    api.launch()
    try:
        eventually(lambda: api.probe("/livez"), holds=lambda status: status == 200, within=20, claim="it lives")
        said = httpx.get(f"{api.base}/readyz", timeout=5).text + httpx.get(f"{api.base}/v1/tasks", timeout=5).text
    finally:
        api.terminate()
        said += api.log()
        api.stop()

    assert "store-unavailable" in said
    assert "hunter2" not in said + repr(ApiSettings().store)
