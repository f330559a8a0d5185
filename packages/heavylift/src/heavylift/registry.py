"""Plain functions become kinds of task: ``@task`` reads their signature, entry points bring packages of them."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, overload

from pydantic import BaseModel, ValidationError

from heavylift.catalogue import Kind
from heavylift.context import AsyncContext, current_async_context, current_context
from heavylift.errors import ConfigurationInvalid, KindConflict, PayloadInvalid, ResultInvalid
from heavylift.record import Executor, Priority
from heavylift.retry import RetryPolicy
from heavylift.signature import Function, Signature, payload_schema, read_signature, result_schema, where

ENTRY_POINT_GROUP = "heavylift.tasks"


@dataclass(frozen=True, slots=True, eq=False)
class Handler:
    """A function that a worker can run for a kind. It stays callable as the function that it was."""

    kind: Kind
    function: Function
    signature: Signature = field(repr=False)

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
        """The function's arguments for a JSON value, validated, and the context of the task that runs here where it takes one.

        Raises PayloadInvalid, which names each field, and OutsideTask.
        """
        model, context = self.signature.payload, self.signature.context
        if context is None:
            return self._payload(model, payload)
        return *self._payload(model, payload), current_async_context() if context is AsyncContext else current_context()

    def _payload(self, model: type[BaseModel] | None, payload: Any) -> tuple[Any, ...]:
        if model is None:
            if payload not in (None, {}):
                raise PayloadInvalid(f"{self.kind.name} takes no payload")
            return ()
        if isinstance(payload, model):
            return (payload,)
        try:
            return (model.model_validate(payload, strict=None),)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in fault['loc']) or 'payload'}: {fault['msg']}" for fault in error.errors()
            )
            raise PayloadInvalid(f"the payload does not fit {self.kind.name}: {faults}") from error

    def result_value(self, value: Any) -> Any:
        """What the function returned as a JSON value. Raises ResultInvalid."""
        try:
            return self.signature.result.dump_python(value, mode="json", warnings="error")
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
                f"the kind {handler.kind.name!r} is claimed by {where(known.function)} and by {where(handler.function)}"
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

    The function takes one pydantic model, its payload, or nothing; its return annotation describes the result. After the payload
    it may take a ``Context``, or an ``AsyncContext`` if it is ``async def``: progress, checkpoints, cancellation. The kind is
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
        signature = read_signature(plain)
        kind = Kind(
            name=name or f"{plain.__module__.rsplit('.', 1)[-1]}.{plain.__name__}",
            description=inspect.getdoc(plain) or "",
            queue=queue,
            executor=executor or (Executor.ASYNCIO if inspect.iscoroutinefunction(plain) else Executor.PROCESS),
            priority=priority,
            timeout=timeout,
            retry=retry or RetryPolicy(),
            payload_schema=payload_schema(plain, signature.payload),
            result_schema=result_schema(plain, signature.result),
        )
        return Handler(kind, plain, signature)

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
