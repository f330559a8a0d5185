"""A client between which and the API connections break."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from heavylift.client import Client, Item, Unreachable
from heavylift.client.errors import AnswerUnreadable, Unready
from heavylift.local import processes
from heavylift.outcome import Succeeded
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.forwarder import Forwarder

RECEIPT = {"id": "1", "kind": "k", "queue": "default", "state": "queued", "submitted_at": "2026-01-31T12:00:00.000Z"}

Reply = tuple[int, dict[str, str], bytes] | None  #: None: hang up without a word.


@contextmanager
def answering(*replies: Reply) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Somebody who answers one request after the other so; yields the address, and the headers of each request."""
    heard: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            heard.append({name.lower(): value for name, value in self.headers.items()})
            reply = replies[min(len(heard), len(replies)) - 1]
            if reply is None:
                self.close_connection = True
                return
            status, headers, body = reply
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def said(status: int, body: Any, **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    media_type = "application/problem+json" if status >= 400 else "application/json"
    return status, {"Content-Type": media_type} | names, json.dumps(body).encode()


ACCEPTED = said(202, RECEIPT)
UNAVAILABLE = said(503, {"type": "urn:heavylift:problem:store-unavailable", "title": "…", "status": 503}, Retry_After="0")


def test_a_submission_that_was_not_answered_is_sent_again_under_the_same_key() -> None:
    with answering(None, UNAVAILABLE, ACCEPTED) as (url, heard), Client(url) as client:
        assert client.submit("k").id == "1"

    keys = {headers["idempotency-key"] for headers in heard}
    assert len(heard) == 3
    assert len(keys) == 1


def test_what_would_be_done_twice_is_not_sent_again() -> None:
    with answering(None) as (url, heard), Client(url) as client, pytest.raises(Unreachable, match="was tried once"):
        client.task("1").replay()

    assert len(heard) == 1


def test_the_pause_that_is_asked_for_is_kept() -> None:
    busy = said(429, {"type": "urn:heavylift:problem:queue-full", "title": "…", "status": 429}, Retry_After="1")
    with answering(busy, ACCEPTED) as (url, heard), Client(url) as client:
        began = time.monotonic()
        client.submit("k")

    assert time.monotonic() - began >= 1
    assert len(heard) == 2


def test_when_the_time_is_over_the_last_answer_is_told() -> None:
    later = said(503, {"type": "urn:heavylift:problem:not-ready", "title": "…", "status": 503, "detail": "so"}, Retry_After="5")
    with answering(later) as (url, heard), Client(url, timeout=2) as client, pytest.raises(Unready, match="so"):
        client.submit("k")

    assert len(heard) == 1


def test_where_nobody_is_one_is_told_in_time() -> None:
    with Client(f"http://127.0.0.1:{processes.free_port()}", timeout=0.5) as client:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="GET /v1/catalogue was tried"):
            client.catalogue()

    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "reply",
    [
        (200, {"Content-Type": "text/html"}, b"<html>"),
        (302, {"Location": "https://login.example.com"}, b""),
        (404, {"Content-Type": "text/html"}, b"<html>"),
        said(200, ["no", "task"]),
    ],
    ids=["html", "redirect", "not found", "another shape"],
)
def test_what_is_no_answer_of_ours_is_told_apart(reply: Reply) -> None:
    with answering(reply) as (url, _), Client(url) as client, pytest.raises(AnswerUnreadable):
        client.task("1").read()


def test_what_a_newer_service_says_besides_is_left_aside() -> None:
    with answering(said(202, RECEIPT | {"mood": "good"})) as (url, _), Client(url) as client:
        assert client.submit("k").receipt is not None


def test_the_trace_of_the_caller_goes_along(trace: Callable[[], str]) -> None:
    with answering(ACCEPTED) as (url, heard), Client(url) as client:
        trace_id = trace()
        client.submit("k")

    assert heard[0]["traceparent"].split("-")[1] == trace_id


def test_events_go_on_behind_a_break_and_none_is_lost_or_told_twice(clients_api: ApiProcess, clients_store: RedisStore) -> None:
    with (
        Forwarder(int(clients_api.base.rpartition(":")[2])) as between,
        Client(between.url.replace("redis", "http")[:-2]) as client,
    ):
        handle = client.submit("demo.anything", queue="broken")
        clients_store.run(calls.Register("broken", ("broken",), 60.0, {"host": "here"}))
        (delivery,) = clients_store.run(calls.Claim.of("broken", ("broken",), 1))
        told = []
        for event in handle.events():
            told.append(event.id)
            between.cut()
            if len(told) == 2:
                clients_store.run(calls.Complete((calls.Ended(delivery.id, delivery.fence, Succeeded("1")),)))

    assert told == ["0.0", "1.0", "1.4", "1.4.0.1"]


def test_a_batch_is_followed_on_behind_a_break_also_before_its_first_end(
    clients_api: ApiProcess, clients_store: RedisStore
) -> None:
    with (
        Forwarder(int(clients_api.base.rpartition(":")[2])) as between,
        Client(between.url.replace("redis", "http")[:-2]) as client,
    ):
        batch = client.batch([Item("demo.anything", queue="broken-batch")] * 2)
        clients_store.run(calls.Register("broken-batch", ("broken-batch",), 60.0, {"host": "here"}))
        left = list(clients_store.run(calls.Claim.of("broken-batch", ("broken-batch",), 2)))
        told = []
        for event in batch.events():
            told += [event.id] if event.id else []
            between.cut()
            if left:
                delivery = left.pop(0)
                clients_store.run(calls.Complete((calls.Ended(delivery.id, delivery.fence, Succeeded("1")),)))

    assert told == ["1", "2", "2.end"]


@pytest.fixture
def trace() -> Iterator[Callable[[], str]]:
    """Begins a span, and tells the id of its trace."""
    from opentelemetry import context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, set_span_in_context

    tokens = []

    def begin() -> str:
        span = NonRecordingSpan(SpanContext(0xAB << 120, 0x1, is_remote=False))
        tokens.append(context.attach(set_span_in_context(span)))
        return f"{0xAB << 120:032x}"

    yield begin
    for token in tokens:
        context.detach(token)
