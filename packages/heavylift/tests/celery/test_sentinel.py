"""Celery over a Redis that sentinels watch: submits, results, control commands and events, before and after a failover."""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from celery import Celery

from heavylift.celery.app import Integration, configure
from heavylift.settings import StoreSettings, TelemetrySettings, WorkerSettings
from tests.support.eventually import eventually
from tests.support.watched_redis import WatchedRedis
from tests.support.worker import WorkerProcess


@contextmanager
def planned(redis_: WatchedRedis) -> Iterator[None]:
    redis_.fail_over()
    yield


@contextmanager
def hanging(redis_: WatchedRedis) -> Iterator[None]:
    with redis_.hanging_primary():
        redis_.primary()
        yield


@pytest.mark.parametrize("failover", [planned, hanging])
def test_everything_of_celery_goes_on_after_a_failover(failover: Callable[[WatchedRedis], AbstractContextManager[None]]) -> None:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    settings = {"HEAVYLIFT_WORKER_CELERY_APP": "tests.support.sample_celery:app"}
    with WatchedRedis() as redis_, WorkerProcess(redis_.url, namespace, **settings), _app(redis_, namespace) as app:
        _tasks_and_commands_work(app)
        with failover(redis_):
            assert _tried(lambda: _result(app)) or _result(app) == 3
            with _app(redis_, namespace) as newcomer:
                _tasks_and_commands_work(newcomer)
                _events_are_heard(newcomer)


@pytest.mark.parametrize("failover", [planned, hanging])
def test_a_listener_hears_what_is_said_at_the_new_primary(
    failover: Callable[[WatchedRedis], AbstractContextManager[None]],
) -> None:
    with WatchedRedis() as redis_, _app(redis_, f"test-{uuid.uuid4().hex[:12]}") as app:
        # Given a listener for control commands, who hears what is said
        heard: list[str] = []
        connection = app.connection_for_read()
        node = app.control.mailbox.Node("mine", channel=connection.channel())
        node.listen(callback=lambda body, _: heard.append(body["method"]))
        eventually(lambda: _said_and_heard(app, connection, heard, "before"), within=10, claim="a command that is heard")

        # When another becomes the primary
        with failover(redis_):
            # Then the same listener hears what is said to it there
            eventually(lambda: _said_and_heard(app, connection, heard, "after"), within=10, claim="a command that is heard")
        connection.close()


def _said_and_heard(app: Celery, connection: Any, heard: list[str], method: str) -> bool:
    _tried(lambda: app.control.broadcast(method))
    with contextlib.suppress(TimeoutError, *connection.connection_errors):
        connection.drain_events(timeout=0.3)
    return method in heard


@contextmanager
def _app(redis_: WatchedRedis, namespace: str) -> Iterator[Celery]:
    app = Celery("mine", set_as_current=False)
    configure(app, Integration(StoreSettings(url=redis_.url, namespace=namespace), TelemetrySettings(), WorkerSettings()))
    yield app
    app.close()


def _tasks_and_commands_work(app: Celery) -> None:
    assert _result(app) == 3
    inspect = app.control.inspect(timeout=1, limit=1)
    assert eventually(lambda: _tried(inspect.ping), within=15, claim="an answer to a control command")


def _result(app: Celery) -> Any:
    return app.signature("proj.add", (1, 2)).delay().get(timeout=10)


def _events_are_heard(app: Celery) -> None:
    heard: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        heard.append(event["type"])
        receiver.should_stop = True

    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": hear})
        receiver.capture(timeout=15)  # with a limit it would count the answer to its subscription as an event, and leave
    assert heard[0] == "worker-heartbeat"


def _tried(ask: Callable[[], Any]) -> Any:
    """The answer; None where Redis is not back yet."""
    try:
        return ask()
    except Exception:
        return None
