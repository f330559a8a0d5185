"""Celery's task events, for Flower and any other ``app.events.Receiver``: made of the facts that the guardian hears.

Only while somebody asked for them. A thread of its own sends them, several in one message, from a queue of limited length: with
Redis away, or too slow, they are lost, and the worker does not notice.
"""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from celery import Celery

from heavylift.telemetry import AttemptEnded, Event, Result, Started, TasksHandedOn

logger = logging.getLogger(__name__)

LARGEST: Final = 10_000  # events that wait to be sent
TOGETHER: Final = 100  # events in one message
EVERY: Final = 0.1  # seconds between two looks at what is to be sent
PAUSE: Final = 1.0  # seconds after trouble with Redis

Sent = tuple[str, dict[str, Any]]


class TaskEvents:
    """A listener of the guardian's facts, and the body of the duty that sends events.

    ``want_detail`` is told whether each start and each end is to be reported by itself.
    """

    def __init__(self, app: Celery, *, hostname: str, want_detail: Callable[[bool], None]) -> None:
        self._app = app
        self._hostname = hostname
        self._want_detail = want_detail
        self._waiting: deque[Sent] = deque(maxlen=LARGEST)
        self._running: dict[str, str] = {}
        self._dispatcher: Any = None
        self.enabled = False

    def enable(self) -> None:
        """Begin to send events."""
        self.enabled = True
        self._want_detail(True)

    def disable(self) -> None:
        """Send no more events."""
        self.enabled = False
        self._want_detail(False)
        self._running.clear()

    def __call__(self, event: Event) -> None:
        """Hear a fact."""
        if self.enabled:
            for type_, fields in self._told_by(event):
                self.put(type_, **fields)

    def put(self, type_: str, **fields: Any) -> None:
        """Have an event sent, if somebody asked for events."""
        if self.enabled:
            self._waiting.append((type_, {"timestamp": time.time(), **fields}))

    def send(self) -> float:
        """Send what waits. Returns the seconds until it is due again."""
        if not self._waiting:
            return EVERY
        try:
            self._send_all()
        except Exception:
            logger.debug("task events were lost", exc_info=True)
            self.close()
            return PAUSE
        return 0.0

    def close(self) -> None:
        """Close the connection; the next ``send`` makes another."""
        dispatcher, self._dispatcher = self._dispatcher, None
        if dispatcher is not None:
            dispatcher.close()
            dispatcher.connection.collect(socket_timeout=1.0)

    def _send_all(self) -> None:
        self._dispatcher = self._dispatcher or self._connect()
        for _ in range(min(len(self._waiting), TOGETHER)):
            type_, fields = self._waiting.popleft()
            self._dispatcher.send(type_, **fields)
        self._dispatcher.flush()

    def _connect(self) -> Any:
        connection = self._app.connection_for_write()
        connection.connect()  # once: without it kombu would try for ever at the first event
        return self._app.events.Dispatcher(
            channel=connection.channel(),
            hostname=self._hostname,
            buffer_while_offline=False,  # its buffer has no end
            buffer_group={"task"},
            buffer_limit=TOGETHER + 1,
        )

    def _told_by(self, event: Event) -> Iterator[Sent]:
        match event:
            case Started():
                yield from self._started(event)
            case AttemptEnded() if event.committed and event.result != Result.ERROR:
                self._running.pop(event.task_id, None)
                yield _ended(event)
            case TasksHandedOn():
                yield from self._handed_on(event)

    def _started(self, event: Started) -> Iterator[Sent]:
        self._remember(event)
        args, kwargs = _arguments(event.payload)
        about = {"uuid": event.task_id, "name": event.kind, "retries": event.attempt - 1}
        yield "task-received", about | {"args": args, "kwargs": kwargs, "queue": event.queue}
        yield "task-started", {"uuid": event.task_id}

    def _remember(self, event: Started) -> None:
        if len(self._running) >= LARGEST:  # ends that were never heard
            self._running.pop(next(iter(self._running)))
        self._running[event.task_id] = event.kind

    def _handed_on(self, event: TasksHandedOn) -> Iterator[Sent]:
        """Of tasks that had started here: who follows the events knows no others."""
        error = {"exception": f"WorkerLost({event.cause!r})", "traceback": ""}
        for type_, ids, fields in (
            ("task-retried", event.requeued, error),
            ("task-failed", event.buried, error),
            ("task-revoked", event.cancelled, {"terminated": True, "signum": None, "expired": False}),
        ):
            for id_ in ids:
                if self._running.pop(id_, None) is not None:
                    yield type_, {"uuid": id_, **fields}


def _ended(event: AttemptEnded) -> Sent:
    about: dict[str, Any] = {"uuid": event.task_id}
    error = {"exception": f"{event.error_type}({event.error_message!r})", "traceback": ""}
    match event.result:
        case Result.SUCCESS:
            return "task-succeeded", about | {"result": event.returned, "runtime": event.duration}
        case Result.RETRY:
            return "task-retried", about | error
        case Result.CANCELLATION:
            return "task-revoked", about | {"terminated": True, "signum": None, "expired": False}
        case _:
            return "task-failed", about | error


def _arguments(payload: str) -> tuple[str, str]:
    """What a task was called with, as far as the fact tells it, in the way that Celery writes it."""
    try:
        value = json.loads(payload)
    except ValueError:  # it was cut off
        return f"{payload}…", "{}"
    if isinstance(value, dict) and value.keys() == {"args", "kwargs"}:
        return repr(tuple(value["args"])), repr(value["kwargs"])
    return f"({value!r},)", "{}"
