"""The values of answers."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from heavylift.batch_story import BatchEventName
from heavylift.client.errors import AnswerUnreadable
from heavylift.client.http.problems import problem
from heavylift.client.values import (
    BatchEndEvent,
    BatchEvent,
    BatchReceipt,
    BatchState,
    CountsEvent,
    DroppedEvent,
    EndedEvent,
    EndEvent,
    ItemAnswer,
    LogEvent,
    Page,
    ProgressEvent,
    Receipt,
    StateEvent,
    TaskEvent,
    TaskSummary,
)

Value = TypeVar("Value")

_EVENTS: dict[str, type[TaskEvent]] = {"state": StateEvent, "progress": ProgressEvent, "log": LogEvent, "dropped": DroppedEvent}


def read(kind: type[Value], raw: Any) -> Value:
    """A JSON value as ``kind``. What a newer service says besides is left aside. Raises AnswerUnreadable."""
    wanted: Any = kind  # to mypy no class is hashable whose instances may not be
    try:
        value: Value = _adapter(wanted).validate_python(raw)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise AnswerUnreadable(f"the answer is no {kind.__name__}: {place}: {fault['msg']}") from None
    return value


def read_receipt(raw: dict[str, Any], *, replayed: bool) -> Receipt:
    """The receipt of a task."""
    return read(Receipt, raw | {"replayed": replayed})


def read_page(kind: type[Value], raw: dict[str, Any], member: str) -> Page[Value]:
    """A page whose items are in ``member``."""
    return Page(tuple(read(kind, each) for each in raw.get(member, ())), raw.get("cursor"))


def read_batch_receipt(raw: dict[str, Any], *, replayed: bool) -> BatchReceipt:
    """The receipt of a batch."""
    known = {name: raw[name] for name in ("id", "items", "accepted", "refused")}
    return BatchReceipt(**known, answers=tuple(_read_item(item) for item in raw["tasks"]), replayed=replayed)


def read_event(id_: str | None, name: str, raw: dict[str, Any]) -> TaskEvent | None:
    """An event; None for one that a newer service tells and nobody knows here."""
    if name == "end":
        return EndEvent(id=id_ or "", task=read(TaskSummary, raw), result=raw.get("result"), redacted=bool(raw.get("redacted")))
    kind = _EVENTS.get(name)
    return None if kind is None else read(kind, raw | {"id": id_})


def read_batch_event(id_: str | None, name: str, raw: dict[str, Any]) -> BatchEvent | None:
    """The same of a batch."""
    match name:
        case BatchEventName.ENDED:
            return read(EndedEvent, {"id": id_, "task_id": raw.get("id"), "state": raw.get("state")})
        case BatchEventName.COUNTS:
            return CountsEvent(batch=read(BatchState, raw))
        case BatchEventName.END:
            return BatchEndEvent(id=id_ or "", batch=read(BatchState, raw))
    return None


def _read_item(raw: dict[str, Any]) -> ItemAnswer:
    if raw["task"] is not None:
        return ItemAnswer(read_receipt(raw["task"], replayed=False), None)
    return ItemAnswer(None, problem(raw["problem"]))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
