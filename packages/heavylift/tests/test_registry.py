"""Plain functions become kinds of task."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, Field

from heavylift.errors import ConfigurationInvalid, HandlerInvalid, KindConflict, PayloadInvalid, ResultInvalid
from heavylift.record import Priority
from heavylift.registry import Handler, Registry, load_registry, task
from heavylift.retry import RetryPolicy


class Greeting(BaseModel):
    name: str = Field(min_length=1)
    times: int = 1


class Address(BaseModel):
    city: str


class Letter(BaseModel):
    to: Address
    pages: list[int] = []


class Undescribed:
    """A type that pydantic knows nothing of."""


@task
def greet(payload: Greeting) -> str:
    """Says hello.

    In English.
    """
    return f"Hello, {payload.name}"


@task
async def greet_later(payload: Greeting) -> str:
    return f"Later, {payload.name}"


@task
def tick() -> None: ...


def test_a_function_becomes_a_kind_that_tells_what_it_takes_and_returns() -> None:
    kind = greet.kind

    assert (kind.name, kind.queue, kind.priority, kind.timeout, kind.retry) == (
        f"{__name__.rsplit('.', 1)[-1]}.greet",
        "default",
        Priority.NORMAL,
        None,
        RetryPolicy(),
    )
    assert kind.description == "Says hello.\n\nIn English."
    assert kind.payload_schema["required"] == ["name"]
    assert kind.result_schema == {"type": "string"}


def test_a_function_may_say_all_of_it_itself() -> None:
    @task(name="mail.greet", queue="mail", priority=Priority.HIGH, retry=RetryPolicy(max_attempts=7), timeout=2.5)
    def greet_by_mail(payload: Greeting) -> None: ...

    kind = greet_by_mail.kind
    assert (kind.name, kind.queue, kind.priority, kind.timeout) == ("mail.greet", "mail", Priority.HIGH, 2.5)
    assert kind.retry.max_attempts == 7


def test_a_task_stays_callable_as_the_function_that_it_was() -> None:
    assert greet(Greeting(name="Ada")) == "Hello, Ada"


async def test_an_async_function_is_a_task_too() -> None:
    assert (greet_later.is_async, greet.is_async) == (True, False)
    assert greet_later.kind.result_schema == {"type": "string"}
    assert await greet_later(Greeting(name="Ada")) == "Later, Ada"


def test_a_function_that_returns_an_awaitable_is_described_by_what_it_brings() -> None:
    @task
    def later(payload: Greeting) -> Awaitable[int]:
        raise NotImplementedError

    assert later.kind.result_schema == {"type": "integer"}


def test_a_payload_is_validated_into_the_model() -> None:
    assert greet.arguments({"name": "Ada", "times": "3"}) == (Greeting(name="Ada", times=3),)
    assert greet.arguments(Greeting(name="Ada")) == (Greeting(name="Ada"),)


def test_a_task_without_a_payload_takes_none() -> None:
    assert tick.arguments(None) == tick.arguments({}) == ()
    with pytest.raises(PayloadInvalid, match=r"\.tick takes no payload"):
        tick.arguments({"surprise": 1})


def test_a_payload_that_does_not_fit_names_each_field() -> None:
    @task(name="mail.send")
    def send(payload: Letter) -> None: ...

    with pytest.raises(PayloadInvalid) as caught:
        send.arguments({"to": {}, "pages": [1, "two"]})

    message = str(caught.value)
    assert message.startswith("the payload does not fit mail.send: ")
    assert "to.city: Field required" in message
    assert "pages.1: Input should be a valid integer" in message


@pytest.mark.parametrize("payload", [None, 7, "text", []])
def test_a_payload_that_is_no_object_is_named_as_a_whole(payload: Any) -> None:
    with pytest.raises(PayloadInvalid, match="payload: Input should be"):
        greet.arguments(payload)


def test_a_result_is_written_as_its_type_describes() -> None:
    @task
    def letters() -> list[Letter]:
        raise NotImplementedError

    assert letters.result_value([Letter(to=Address(city="Köln"))]) == [{"to": {"city": "Köln"}, "pages": []}]
    assert tick.result_value(None) is None


def _anything() -> Any: ...


def _number() -> int:
    raise NotImplementedError


def _letter() -> Letter:
    raise NotImplementedError


_circle: list[Any] = []
_circle.append(_circle)


@pytest.mark.parametrize(
    ("function", "value"),
    [(_number, "three"), (_letter, {"to": "nobody"}), (_anything, object()), (_anything, _circle)],
    ids=["another type", "a dict for a model", "no JSON", "a circle"],
)
def test_a_result_that_cannot_be_written_is_refused_with_what_it_was(function: Callable[..., Any], value: Any) -> None:
    handler = task(name="demo.result")(function)

    with pytest.raises(ResultInvalid, match=f"demo.result returned {type(value).__name__}, which is not what its return type"):
        handler.result_value(value)


def _two(payload: Greeting, other: Greeting) -> None: ...


def _plain(payload) -> None: ...  # type: ignore[no-untyped-def]


def _not_a_model(payload: dict[str, Any]) -> None: ...


def _silent(payload: Greeting): ...  # type: ignore[no-untyped-def]


def _undefined(payload: "Nowhere") -> None: ...  # type: ignore[name-defined] # noqa: F821


def _odd_result() -> Undescribed:
    raise NotImplementedError


def _result_without_schema() -> Callable[[], int]:
    raise NotImplementedError


class _Wheel(BaseModel):
    turn: Callable[[], int]


def _payload_without_schema(payload: _Wheel) -> None: ...


def _by_keyword(*, payload: Greeting) -> None: ...


def _many(*payloads: Greeting) -> None: ...


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (_two, "_two takes 2 arguments; a task takes one pydantic model or nothing"),
        (_plain, "_plain: annotate 'payload' with a pydantic model"),
        (_not_a_model, "_not_a_model: annotate 'payload' with a pydantic model"),
        (_silent, r"_silent: annotate what it returns \(None is fine\), so that callers know the result"),
        (_undefined, "_undefined: an annotation names something that is not defined: name 'Nowhere'"),
        (_odd_result, "_odd_result: pydantic cannot describe the return type: "),
        (_result_without_schema, "_result_without_schema: pydantic cannot describe the return type as JSON: "),
        (_payload_without_schema, "_payload_without_schema: pydantic cannot describe the payload as JSON: "),
        (_by_keyword, "_by_keyword: 'payload' is given by its place, so write it without \\*"),
        (_many, "_many: 'payloads' is given by its place, so write it without \\*"),
    ],
)
def test_a_function_that_does_not_say_what_it_takes_and_returns_is_refused(function: Any, sentence: str) -> None:
    with pytest.raises(HandlerInvalid, match=sentence):
        task(function)


def test_two_functions_may_not_claim_one_kind() -> None:
    registry = Registry()
    registry.add(task(name="demo.same")(_number))

    with pytest.raises(KindConflict, match=r"'demo.same' is claimed by \S+\._number and by \S+\._letter"):
        registry.add(task(name="demo.same")(_letter))


def test_the_same_function_may_come_twice() -> None:
    registry = Registry()
    registry.add(greet)
    registry.add(greet)

    assert list(registry) == [greet]
    assert len(registry) == 1


def test_the_handlers_of_a_module_are_collected_and_nothing_else() -> None:
    module = ModuleType("somebody")
    vars(module).update(greet=greet, other=_number, tick=tick, number=7)
    registry = Registry()

    registry.collect(module)

    assert {handler.function.__name__ for handler in registry} == {"greet", "tick"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules that Python finds, forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for module in ("their_tasks", "my_tasks"):
        sys.modules.pop(module, None)


MODULE = "from heavylift import task\n\n@task\ndef {name}() -> int:\n    return 7\n"


def test_packages_of_tasks_are_found_through_their_entry_point(package: Path) -> None:
    (package / "their_tasks.py").write_text(MODULE.format(name="seven"))
    info = package / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[heavylift.tasks]\ntheirs = their_tasks\n")

    handlers = load_registry().handlers

    assert isinstance(handlers["their_tasks.seven"], Handler)


def test_modules_that_the_settings_name_are_loaded_beside_them(package: Path) -> None:
    (package / "my_tasks.py").write_text(MODULE.format(name="mine"))

    assert "my_tasks.mine" in load_registry(("my_tasks",)).handlers


def test_a_module_that_cannot_be_imported_is_named_with_the_setting() -> None:
    with pytest.raises(ConfigurationInvalid, match="HEAVYLIFT_WORKER_TASKS names the module 'no_such_module', which cannot"):
        load_registry(("no_such_module",))
