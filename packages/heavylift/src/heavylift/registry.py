"""Plain functions become kinds of task: ``@task`` reads their signature, entry points bring packages of them."""

import importlib
import inspect
import typing
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, overload

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError

from heavylift.catalogue import Kind
from heavylift.errors import ConfigurationInvalid, HandlerInvalid, KindConflict, PayloadInvalid, ResultInvalid
from heavylift.record import Executor, Priority
from heavylift.retry import RetryPolicy

ENTRY_POINT_GROUP = "heavylift.tasks"

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Handler:
    """A function that a worker can run for a kind. It stays callable as the function that it was."""

    kind: Kind
    function: Function
    payload_type: type[BaseModel] | None
    result_adapter: TypeAdapter[Any] = field(repr=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @property
    def is_async(self) -> bool:
        """Whether the function is ``async def``."""
        return inspect.iscoroutinefunction(self.function)

    @property
    def home(self) -> str:
        """The module of the function."""
        return self.function.__module__

    def arguments(self, payload: Any) -> tuple[Any, ...]:
        """The function's arguments for a JSON value, validated. Raises PayloadInvalid, which names each field."""
        if self.payload_type is None:
            if payload not in (None, {}):
                raise PayloadInvalid(f"{self.kind.name} takes no payload")
            return ()
        if isinstance(payload, self.payload_type):
            return (payload,)
        try:
            return (self.payload_type.model_validate(payload, strict=None),)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in fault['loc']) or 'payload'}: {fault['msg']}" for fault in error.errors()
            )
            raise PayloadInvalid(f"the payload does not fit {self.kind.name}: {faults}") from error

    def result_value(self, value: Any) -> Any:
        """What the function returned as a JSON value. Raises ResultInvalid."""
        try:
            return self.result_adapter.dump_python(value, mode="json", warnings="error")
        except ValueError as error:
            fault = str(error).splitlines()[-1].strip()
            raise ResultInvalid(
                f"{self.kind.name} returned {type(value).__name__}, which is not what its return type describes: {fault}"
            ) from error


@dataclass(slots=True)
class Registry:
    """The handlers of one process, by kind."""

    handlers: dict[str, Handler] = field(default_factory=dict)

    def add(self, handler: Handler) -> None:
        """Take a handler in. The same function may come twice (a module imported under one name); another raises KindConflict."""
        known = self.handlers.get(handler.kind.name)
        if known is not None and known.function is not handler.function:
            raise KindConflict(
                f"the kind {handler.kind.name!r} is claimed by {_where(known.function)} and by {_where(handler.function)}"
            )
        self.handlers[handler.kind.name] = handler

    def __iter__(self) -> Iterator[Handler]:
        return iter(self.handlers.values())

    def __len__(self) -> int:
        return len(self.handlers)

    def collect(self, module: ModuleType) -> None:
        """Take in every handler that ``module`` holds under a name of its own."""
        for value in vars(module).values():
            if isinstance(value, Handler):
                self.add(value)


@overload
def task(function: Function) -> Handler: ...


@overload
def task(
    *,
    name: str | None = ...,
    queue: str = ...,
    executor: Executor | None = ...,
    priority: Priority = ...,
    retry: RetryPolicy = ...,
    timeout: float | None = ...,
) -> Callable[[Function], Handler]: ...


def task(
    function: Function | None = None,
    *,
    name: str | None = None,
    queue: str = "default",
    executor: Executor | None = None,
    priority: Priority = Priority.NORMAL,
    retry: RetryPolicy | None = None,
    timeout: float | None = None,
) -> Handler | Callable[[Function], Handler]:
    """Make a kind of task of a plain function, ``def`` or ``async def``.

    The function takes one pydantic model, its payload, or nothing; its return annotation describes the result. The kind is
    called ``name``, or ``module.function`` with the module's last part. ``executor`` is the kind of child that runs it: by
    default ``asyncio`` for ``async def`` and ``process`` for ``def``. After ``timeout`` seconds TaskTimeout is raised inside the
    function; one that does not end then is ended with its process a few
    seconds later. A thread or a coroutine can only be told.

    Example:
        >>> class Greeting(BaseModel):
        ...     name: str
        >>> @task(queue="mail")
        ... def greet(payload: Greeting) -> str:
        ...     return f"Hello, {payload.name}"

    Raises HandlerInvalid when the signature does not say what the payload and the result are.
    """

    def register(plain: Function) -> Handler:
        payload_type, result_adapter = _read_signature(plain)
        kind = Kind(
            name=name or f"{plain.__module__.rsplit('.', 1)[-1]}.{plain.__name__}",
            description=inspect.getdoc(plain) or "",
            queue=queue,
            executor=executor or (Executor.ASYNCIO if inspect.iscoroutinefunction(plain) else Executor.PROCESS),
            priority=priority,
            timeout=timeout,
            retry=retry or RetryPolicy(),
            payload_schema=_payload_schema(plain, payload_type),
            result_schema=_result_schema(plain, result_adapter),
        )
        return Handler(kind, plain, payload_type, result_adapter)

    return register(function) if function is not None else register


def load_registry(modules: tuple[str, ...] = ()) -> Registry:
    """The handlers of every installed package of tasks (entry points ``heavylift.tasks``) and of the named ``modules``.

    Raises ConfigurationInvalid naming the module that cannot be imported, and KindConflict.
    """
    registry = Registry()
    for point in entry_points(group=ENTRY_POINT_GROUP):
        registry.collect(_import(point.module, f"the entry point {point.name!r}"))
    for module in modules:
        registry.collect(_import(module, "the setting HEAVYLIFT_WORKER_TASKS"))
    return registry


def _import(module: str, named_by: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationInvalid(f"{named_by} names the module {module!r}, which cannot be imported: {error}") from error


def _read_signature(function: Function) -> tuple[type[BaseModel] | None, TypeAdapter[Any]]:
    parameters = list(inspect.signature(function).parameters.values())
    try:
        hints = typing.get_type_hints(function)
    except NameError as error:
        raise HandlerInvalid(f"{_where(function)}: an annotation names something that is not defined: {error}") from error
    if len(parameters) > 1:
        raise HandlerInvalid(f"{_where(function)} takes {len(parameters)} arguments; a task takes one pydantic model or nothing")
    payload_type = None
    if parameters:
        if parameters[0].kind not in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD):
            raise HandlerInvalid(f"{_where(function)}: {parameters[0].name!r} is given by its place, so write it without *")
        payload_type = hints.get(parameters[0].name)
        if not (isinstance(payload_type, type) and issubclass(payload_type, BaseModel)):
            raise HandlerInvalid(f"{_where(function)}: annotate {parameters[0].name!r} with a pydantic model")
    if "return" not in hints:
        raise HandlerInvalid(f"{_where(function)}: annotate what it returns (None is fine), so that callers know the result")
    try:
        return payload_type, TypeAdapter(_awaited(hints["return"]))
    except PydanticSchemaGenerationError as error:
        raise HandlerInvalid(f"{_where(function)}: pydantic cannot describe the return type: {error}") from error


def _awaited(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) is Awaitable else hint


def _payload_schema(function: Function, payload_type: type[BaseModel] | None) -> dict[str, Any]:
    if payload_type is None:
        return {"type": "object", "additionalProperties": False, "maxProperties": 0}
    try:
        return payload_type.model_json_schema(mode="validation")
    except PydanticInvalidForJsonSchema as error:
        raise HandlerInvalid(f"{_where(function)}: pydantic cannot describe the payload as JSON: {error}") from error


def _result_schema(function: Function, adapter: TypeAdapter[Any]) -> dict[str, Any]:
    try:
        return adapter.json_schema(mode="serialization")
    except PydanticInvalidForJsonSchema as error:
        raise HandlerInvalid(f"{_where(function)}: pydantic cannot describe the return type as JSON: {error}") from error


def _where(function: Function) -> str:
    return f"{function.__module__}.{function.__qualname__}"
