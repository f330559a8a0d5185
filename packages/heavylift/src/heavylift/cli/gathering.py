"""Options that belong together: several words have them, each as one parameter."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import Any, TypeVar, cast, get_type_hints

Function = TypeVar("Function", bound=Callable[..., Any])


def spread(function: Function) -> Function:
    """The function as Typer understands it: a parameter that is a dataclass has its fields in its place, an option each."""
    signature = inspect.signature(function, eval_str=True)
    groups = {name: each.annotation for name, each in signature.parameters.items() if is_dataclass(each.annotation)}

    @wraps(function)
    def word(**given: Any) -> Any:
        return function(**_gathered(given, groups))

    shown = [one for each in signature.parameters.values() for one in _spread(each)]
    word.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    word.__annotations__ = {each.name: each.annotation for each in shown}
    return cast("Function", word) if groups else function


def _spread(parameter: inspect.Parameter) -> Iterator[inspect.Parameter]:
    if not is_dataclass(parameter.annotation):
        yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        return
    types = get_type_hints(parameter.annotation, include_extras=True)
    for field in fields(parameter.annotation):
        default = inspect.Parameter.empty if field.default is MISSING else field.default
        yield inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=types[field.name])


def _gathered(given: Mapping[str, Any], groups: Mapping[str, Any]) -> dict[str, Any]:
    names = {name: {field.name for field in fields(kind)} for name, kind in groups.items()}
    alone = {name: value for name, value in given.items() if not any(name in some for some in names.values())}
    return alone | {name: kind(**{each: given[each] for each in names[name]}) for name, kind in groups.items()}
