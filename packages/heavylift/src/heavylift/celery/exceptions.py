"""Exceptions on their way through a record: what is kept of one, and what Celery makes it of again. Pure."""

import json
from typing import Any, Final

from celery.exceptions import WorkerLostError
from celery.utils.serialization import ensure_serializable
from kombu.utils.json import dumps, loads

from heavylift import errors

LARGEST: Final = 2_000  # characters of arguments; of an error that carries more only the message is kept


def kept(error: BaseException, message: str) -> dict[str, Any]:
    """What a record keeps of an exception, so that a caller who has its class gets it back."""
    kind = type(error)
    return {"module": kind.__module__, "type": kind.__qualname__, "args": _plain(error.args, message)}


def as_celery_keeps_it(error: dict[str, Any]) -> dict[str, Any]:
    """The error of a record, as Celery's backends keep exceptions. Where there was none, the nearest class is named."""
    if exception := error.get("exception"):
        arguments = loads(json.dumps(exception["args"]))  # kombu's JSON marks times and the like, so that they come back as such
        return {"exc_module": exception["module"], "exc_type": exception["type"], "exc_message": arguments}
    name, message = error.get("type", "Exception"), [error.get("message", "")]
    if name == "WorkerLost":
        return {"exc_module": WorkerLostError.__module__, "exc_type": WorkerLostError.__name__, "exc_message": message}
    module = errors.__name__ if hasattr(errors, name) else "builtins"
    return {"exc_module": module, "exc_type": name, "exc_message": message}


def _plain(arguments: tuple[Any, ...], message: str) -> list[Any]:
    try:
        text = dumps(ensure_serializable(arguments, dumps))
    except Exception:  # they are whatever a task put there, and its failure must be told all the same
        return [message]
    return list(json.loads(text)) if len(text) <= LARGEST else [message]
