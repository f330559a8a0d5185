"""A task as it is asked for: checked on this side where the function is known, and written as the API takes it."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from heavylift.client.errors import PayloadUnfit, faulty
from heavylift.faults import Fault, faults_of
from heavylift.idempotency import While
from heavylift.record import Durability, Priority
from heavylift.registry import Handler


@runtime_checkable
class Named(Protocol):
    """Anything that has the name of a kind, such as a task of Celery's."""

    name: str


Kind = str | Handler | Named


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """While another task of the kind holds this key no second one is made. ``ttl`` in seconds is for ``While.TTL``."""

    key: str
    held_while: While = While.RUNNING
    ttl: float | None = None

    def member(self) -> dict[str, Any]:
        """As it stands in a request."""
        said: dict[str, Any] = {"key": self.key, "while": self.held_while}
        return said if self.ttl is None else said | {"ttl": self.ttl}


@dataclass(frozen=True, slots=True)
class DebounceKey:
    """The task starts when nobody has asked for it for so many ``seconds``, ``max_wait`` after the first time at the latest.

    Who asks again while it waits replaces its payload.
    """

    key: str
    seconds: float
    max_wait: float | None = None

    def member(self) -> dict[str, Any]:
        """As it stands in a request."""
        said: dict[str, Any] = {"key": self.key, "seconds": self.seconds}
        return said if self.max_wait is None else said | {"max_wait": self.max_wait}


@dataclass(frozen=True, slots=True)
class Item:
    """A task that is to be. What is left out comes from the kind in the catalogue.

    ``kind`` is its name, a function under ``@task``, or a task of Celery's; ``payload`` a pydantic model, a dataclass or a JSON
    value. ``delay`` and ``expires`` are seconds or a timedelta, ``at`` a time with its offset from UTC. ``unique`` is a key of
    yours, held until the task has ended, or a UniqueKey.
    """

    kind: Kind
    payload: Any = None
    _: KW_ONLY
    id: str | None = None
    queue: str | None = None
    priority: Priority | str | None = None
    delay: float | timedelta | None = None
    at: datetime | None = None
    expires: float | timedelta | None = None
    tags: Sequence[str] = ()
    unique: str | UniqueKey | None = None
    debounce: DebounceKey | None = None
    durability: Durability | str | None = None

    @property
    def name(self) -> str:
        """The name of the kind."""
        if isinstance(self.kind, str):
            return self.kind
        return self.kind.kind.name if isinstance(self.kind, Handler) else self.kind.name

    @property
    def result_type(self) -> TypeAdapter[Any] | None:
        """What describes the result, where the function is known."""
        return self.kind.signature.result if isinstance(self.kind, Handler) else None

    def members(self) -> dict[str, Any]:
        """The members of a submission, JSON values all. Raises PayloadUnfit, RequestInvalid."""
        said = {
            "id": self.id,
            "kind": self.name,
            "payload": self._payload(),
            "queue": self.queue,
            "priority": self.priority,
            "delay": _seconds(self.delay),
            "eta": None if self.at is None else _moment(self.at),
            "expires": _seconds(self.expires),
            "tags": _tags(self.tags),
            "unique": UniqueKey(self.unique).member() if isinstance(self.unique, str) else self.unique and self.unique.member(),
            "debounce": self.debounce and self.debounce.member(),
            "durability": self.durability,
        }
        return {name: value for name, value in said.items() if value is not None}

    def _payload(self) -> Any:
        if isinstance(self.kind, Handler):
            return checked(self.kind, self.payload)
        return None if self.payload is None else as_json(self.payload)


def checked(handler: Handler, payload: Any) -> Any:
    """The payload of a known function as a JSON value, None where it takes none. Raises PayloadUnfit, which names each field."""
    model, name = handler.signature.payload, handler.kind.name
    if model is None:
        if payload not in (None, {}):
            raise PayloadUnfit(f"{name} takes no payload; leave it out")
        return None
    if isinstance(payload, model):
        return payload.model_dump(mode="json", by_alias=True)
    try:
        fitting = model.model_validate({} if payload is None else as_json(payload), strict=None)
    except ValidationError as error:
        raise faulty(
            [Fault(f"payload.{fault.field}", fault.message) for fault in faults_of(error.errors())], PayloadUnfit
        ) from None
    return fitting.model_dump(mode="json", by_alias=True, exclude_unset=True)


def as_json(value: Any) -> Any:
    """A model, a dataclass, or what JSON has, as a JSON value. Raises RequestInvalid."""
    try:
        return value.model_dump(mode="json", by_alias=True) if isinstance(value, BaseModel) else to_jsonable_python(value)
    except (PydanticSerializationError, ValueError) as error:
        raise faulty([Fault("payload", f"cannot be written as JSON: {str(error).splitlines()[-1]}")]) from None


def as_item(given: "Item | Kind | tuple[Kind, Any]") -> Item:
    """An item of a batch as it may be given in short: a kind, or a kind and its payload."""
    if isinstance(given, Item):
        return given
    return Item(*given) if isinstance(given, tuple) else Item(given)


def _seconds(value: float | timedelta | None) -> float | None:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise faulty([Fault("at", "says no offset from UTC; give one, as in datetime.now(UTC) + timedelta(minutes=5)")])
    return at.isoformat()


def _tags(tags: Sequence[str]) -> list[str] | None:
    if isinstance(tags, str):
        raise faulty([Fault("tags", f'is a list of words; write ["{tags}"]')])
    return list(tags) or None
