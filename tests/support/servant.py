"""A worker in a thread of the test: it runs plain functions as their tasks come in, for tests that are about those who wait."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from heavylift.outcome import Failed, Failure, Outcome, Succeeded
from heavylift.record import Delivery, Executor
from heavylift.registry import Handler
from heavylift.state import FailureReason
from heavylift.store import calls
from heavylift.store.redis import RedisStore


@contextmanager
def serving(store: RedisStore, handlers: Sequence[Handler], queue: str = "default") -> Iterator[None]:
    """Run what comes into a queue until the body is over."""
    store.run(calls.Publish(tuple(handler.kind for handler in handlers)))
    over = threading.Event()
    thread = threading.Thread(target=_serve, args=(store, {handler.kind.name: handler for handler in handlers}, queue, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _serve(store: RedisStore, known: dict[str, Handler], queue: str, over: threading.Event) -> None:
    store.run(calls.Register("servant", (queue,), 60.0, {"host": "here"}))
    while not over.is_set():
        claimed = store.run(calls.Claim.of("servant", (queue,), 8, executors=tuple(Executor)))
        ended = tuple(calls.Ended(each.id, each.fence, _run(known, each)) for each in claimed)
        if ended:
            store.run(calls.Complete(ended))
        else:
            over.wait(0.01)


def _run(known: dict[str, Handler], delivery: Delivery) -> Outcome:
    handler = known.get(delivery.kind)
    if handler is None:  # what another test has left
        return Succeeded("null")
    try:
        result: Any = handler.result_value(handler(*handler.arguments(json.loads(delivery.payload))))
    except Exception as error:
        return Failed(Failure(type(error).__name__, str(error), retryable=False), FailureReason.PERMANENT)
    return Succeeded(json.dumps(result))
