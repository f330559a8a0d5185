"""The context in the signature of a task, found by its type."""

from typing import Any

import pytest
from pydantic import BaseModel

from heavylift import AsyncContext, Context, task
from heavylift.errors import HandlerInvalid, OutsideTask, PayloadInvalid
from heavylift.testing import FakeAsyncContext, FakeContext


class Numbers(BaseModel):
    a: int


@task
def with_both(payload: Numbers, context: Context) -> list[Any]:
    return [payload.a, context.task_id]


@task
def with_context_only(ctx: Context) -> str:
    return ctx.task_id


@task
async def with_both_async(payload: Numbers, context: AsyncContext) -> list[Any]:
    return [payload.a, context.task_id]


def test_the_context_of_the_task_that_runs_is_the_argument_after_the_payload() -> None:
    with FakeContext(task_id="7").running():
        assert with_both(*with_both.arguments({"a": 1})) == [1, "7"]
        assert with_context_only(*with_context_only.arguments(None)) == "7"


async def test_a_coroutine_gets_a_context_that_it_can_await() -> None:
    with FakeAsyncContext(task_id="7").running():
        assert await with_both_async(*with_both_async.arguments({"a": 1})) == [1, "7"]


def test_the_context_is_no_part_of_the_payload() -> None:
    assert with_both.kind.payload_schema["required"] == ["a"]
    assert with_context_only.kind.payload_schema["maxProperties"] == 0
    with FakeContext().running(), pytest.raises(PayloadInvalid, match="takes no payload"):
        with_context_only.arguments({"a": 1})


def test_a_task_that_wants_a_context_says_so_where_none_runs() -> None:
    with pytest.raises(OutsideTask, match=r"call the function with one of heavylift\.testing"):
        with_both.arguments({"a": 1})


def _sync_with_async(payload: Numbers, context: AsyncContext) -> None: ...
async def _async_with_sync(payload: Numbers, context: Context) -> None: ...
def _context_first(context: Context, payload: Numbers) -> None: ...
def _two_contexts(context: Context, other: Context) -> None: ...
def _keyword_only(payload: Numbers, *, context: Context) -> None: ...
def _unknown_second(payload: Numbers, context: int) -> None: ...


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_sync_with_async, "is def: annotate 'context' with Context"),
        (_async_with_sync, "is async def: annotate 'context' with AsyncContext"),
        (_context_first, "takes its payload first and one context after it"),
        (_two_contexts, "takes its payload first and one context after it"),
        (_keyword_only, "'context' is given by its place, so write it without"),
        (_unknown_second, "one pydantic model or nothing, and after it a heavylift.Context or AsyncContext"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_signature_that_does_not_fit_is_refused_in_a_sentence(function: Any, words: str) -> None:
    with pytest.raises(HandlerInvalid, match=words):
        task(function)
