"""What a function says of itself as a task: its payload, its context and its result, by the types of its signature."""

import inspect
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError

from heavylift.context import AsyncContext, Context
from heavylift.errors import HandlerInvalid

Function = Callable[..., Any]
ContextType = type[Context] | type[AsyncContext]

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Signature:
    """``payload`` and ``context`` are None where the function takes none."""

    payload: type[BaseModel] | None
    context: ContextType | None
    result: TypeAdapter[Any] = field(repr=False)


def where(function: Function) -> str:
    """A function by its full name."""
    return f"{function.__module__}.{function.__qualname__}"


def read_signature(function: Function) -> Signature:
    """Read it. Raises HandlerInvalid with a sentence about what is missing."""
    parameters = list(inspect.signature(function).parameters.values())
    try:
        hints = typing.get_type_hints(function)
    except NameError as error:
        raise HandlerInvalid(f"{where(function)}: an annotation names something that is not defined: {error}") from error
    context = _context_type(function, parameters, hints)
    payload = _payload_type(function, parameters[: len(parameters) - (context is not None)], hints)
    return Signature(payload, context, _result_adapter(function, hints))


def payload_schema(function: Function, payload: type[BaseModel] | None) -> dict[str, Any]:
    """JSON Schema of a payload. Raises HandlerInvalid."""
    if payload is None:
        return {"type": "object", "additionalProperties": False, "maxProperties": 0}
    try:
        return payload.model_json_schema(mode="validation")
    except PydanticInvalidForJsonSchema as error:
        raise HandlerInvalid(f"{where(function)}: pydantic cannot describe the payload as JSON: {error}") from error


def result_schema(function: Function, adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """JSON Schema of a result. Raises HandlerInvalid."""
    try:
        return adapter.json_schema(mode="serialization")
    except PydanticInvalidForJsonSchema as error:
        raise HandlerInvalid(f"{where(function)}: pydantic cannot describe the return type as JSON: {error}") from error


def _context_type(function: Function, parameters: list[inspect.Parameter], hints: dict[str, Any]) -> ContextType | None:
    contexts = [parameter for parameter in parameters if hints.get(parameter.name) in (Context, AsyncContext)]
    if not contexts:
        return None
    if len(contexts) > 1 or contexts[0] is not parameters[-1]:
        raise HandlerInvalid(f"{where(function)}: a task takes its payload first and one context after it")
    _check_place(function, contexts[0])
    wanted: ContextType = AsyncContext if inspect.iscoroutinefunction(function) else Context
    if hints[contexts[0].name] != wanted:
        kind = "async def" if wanted is AsyncContext else "def"
        raise HandlerInvalid(f"{where(function)} is {kind}: annotate {contexts[0].name!r} with {wanted.__name__}")
    return wanted


def _payload_type(function: Function, parameters: list[inspect.Parameter], hints: dict[str, Any]) -> type[BaseModel] | None:
    if len(parameters) > 1:
        raise HandlerInvalid(
            f"{where(function)} takes {len(parameters)} arguments; a task takes one pydantic model or nothing, "
            f"and after it a heavylift.Context or AsyncContext where it wants one"
        )
    if not parameters:
        return None
    _check_place(function, parameters[0])
    payload = hints.get(parameters[0].name)
    if not (isinstance(payload, type) and issubclass(payload, BaseModel)):
        raise HandlerInvalid(f"{where(function)}: annotate {parameters[0].name!r} with a pydantic model")
    return payload


def _check_place(function: Function, parameter: inspect.Parameter) -> None:
    if parameter.kind not in _BY_PLACE:
        raise HandlerInvalid(f"{where(function)}: {parameter.name!r} is given by its place, so write it without *")


def _result_adapter(function: Function, hints: dict[str, Any]) -> TypeAdapter[Any]:
    if "return" not in hints:
        raise HandlerInvalid(f"{where(function)}: annotate what it returns (None is fine), so that callers know the result")
    try:
        return TypeAdapter(_awaited(hints["return"]))
    except PydanticSchemaGenerationError as error:
        raise HandlerInvalid(f"{where(function)}: pydantic cannot describe the return type: {error}") from error


def _awaited(hint: Any) -> Any:
    return typing.get_args(hint)[0] if typing.get_origin(hint) is Awaitable else hint
