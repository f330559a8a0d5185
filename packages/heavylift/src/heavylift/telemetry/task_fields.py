"""The fields of the running task, in every line that is logged while it runs."""

from contextvars import ContextVar, Token
from typing import Any, Final

from structlog.typing import EventDict, WrappedLogger

_Fields = tuple[str, str, str, int]
_NAMES: Final = ("task_id", "kind", "queue", "attempt")
_TASK: ContextVar[_Fields | None] = ContextVar("heavylift_task_fields", default=None)


class bind_task:  # noqa: N801  used as a function
    """Give every line that is logged inside the body these fields.

    One variable for all of them, and a class: structlog's ``bound_contextvars`` takes six microseconds for each task.
    """

    __slots__ = ("_fields", "_token")

    def __init__(self, task_id: str, kind: str, queue: str, attempt: int) -> None:
        self._fields: _Fields = (task_id, kind, queue, attempt)

    def __enter__(self) -> None:
        self._token: Token[_Fields | None] = _TASK.set(self._fields)

    def __exit__(self, *_: object) -> None:
        _TASK.reset(self._token)


def add_task_fields(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:  # noqa: ARG001
    """The processor that puts them into a line, where the line does not say them itself."""
    fields = _TASK.get()
    if fields is not None:
        task: dict[str, Any] = dict(zip(_NAMES, fields, strict=True))
        event_dict.update({name: value for name, value in task.items() if name not in event_dict})
    return event_dict
