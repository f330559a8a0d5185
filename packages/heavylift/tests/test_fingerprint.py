"""The same fault has the same fingerprint whatever the task was given; another fault has another."""

import hashlib
import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from heavylift.celery.coroutines import run_to_end
from heavylift.errors import TaskTimeout
from heavylift.fingerprint import FRAMES, digest, fingerprint, fingerprint_of_loss

SHOP = """
import json

class OutOfStock(Exception):
    pass

class Sold(Exception):
    pass

def order(depth, message):
    return reserve(depth, message)

def reserve(depth, message):
    if depth:
        return reserve(depth - 1, message)
    raise OutOfStock(message)

def refund(message):
    raise OutOfStock(message)

def sell(message):
    raise Sold(message)

def left(depth, message):
    return right(depth - 1, message) if depth else reserve(0, message)

def right(depth, message):
    return left(depth - 1, message) if depth else reserve(0, message)

def parse(text):
    return json.loads(text)

def listed(message):
    return [(lambda: reserve(0, message))() for _ in range(1)]

async def later(message):
    order(0, message)

def slow(error):
    raise error

def slower(error):
    slow(error)
"""

messages = st.one_of(st.text(), st.uuids().map(str), st.integers().map("order {} is gone".format))


def shop(path: str = "/srv/shop/stock.py", *, module: str = "shop.stock", lines_before: int = 0) -> dict[str, Any]:
    """The functions of an application that lies in ``path``."""
    names: dict[str, Any] = {"__name__": module}
    exec(compile("\n" * lines_before + SHOP, path, "exec"), names)  # noqa: S102  code of a file that need not be there
    return names


def raised(function: Any, *arguments: Any) -> BaseException:
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def under(name: str, function: Any, *arguments: Any) -> BaseException:
    """The exception of a function that a function of another package calls."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile("def call(function, *arguments):\n    return function(*arguments)", f"/lib/{name}.py", "exec"), names)  # noqa: S102  code of a file that need not be there
    return raised(names["call"], function, *arguments)


#: Called from here, this file's own function ``raised`` is the outermost of the application.
HERE = "test_fingerprint.py:raised"


def test_a_fingerprint_is_what_is_written_down() -> None:
    error = raised(shop()["order"], 0, "order 42 is gone")

    lines = f"shop.stock.OutOfStock\nstock.py:order\nstock.py:reserve\n{HERE}"
    assert fingerprint(error) == hashlib.sha1(lines.encode(), usedforsecurity=False).hexdigest()[:16]


@given(message=messages, depth=st.integers(0, 30), lines_before=st.integers(0, 500))
def test_neither_the_payload_nor_an_edit_elsewhere_nor_the_folder_changes_it(message: str, depth: int, lines_before: int) -> None:
    elsewhere = shop("/home/ada/shop/src/stock.py", lines_before=lines_before)

    assert fingerprint(raised(elsewhere["order"], depth, message)) == fingerprint(raised(shop()["order"], 0, ""))


@given(message=messages, depth=st.integers(2, 30))
def test_functions_that_call_each_other_count_once_each(message: str, depth: int) -> None:
    assert fingerprint(raised(shop()["left"], depth, message)) == fingerprint(raised(shop()["left"], 2, ""))


@given(names=st.lists(st.sampled_from(["order", "refund", "sell", "listed"]), min_size=2, max_size=2, unique=True))
def test_another_class_or_another_function_is_another_fault(names: list[str]) -> None:
    functions = shop()
    one, other = (raised(functions[name], *([0, ""] if name == "order" else [""])) for name in names)

    assert fingerprint(one) != fingerprint(other)


def test_only_the_innermost_functions_count() -> None:
    names: dict[str, Any] = {"__name__": "deep"}
    chain = (
        "".join(f"def f{n}():\n    f{n + 1}()\n" for n in range(FRAMES + 3)) + f"def f{FRAMES + 3}():\n    raise KeyError(1)\n"
    )
    exec(compile(chain, "deep.py", "exec"), names)  # noqa: S102  code of a file that need not be there

    assert fingerprint(raised(names["f0"])) == fingerprint(raised(names["f2"]))
    assert fingerprint(raised(names["f0"])) != fingerprint(raised(names[f"f{FRAMES + 3}"]))


def test_what_pythons_versions_make_functions_of_does_not_count() -> None:
    error = raised(shop()["listed"], "")

    assert fingerprint(error) == digest("shop.stock.OutOfStock", "stock.py:listed", "stock.py:reserve", HERE)


@pytest.mark.parametrize("text", ["{", "[1,", '{"a": nul}', "x" * 100])
def test_pythons_own_functions_do_not_count(text: str) -> None:
    error = raised(shop()["parse"], text)

    assert isinstance(error, json.JSONDecodeError)
    assert fingerprint(error) == digest("json.decoder.JSONDecodeError", "stock.py:parse", HERE)


@pytest.mark.parametrize("name", ["heavylift.worker.execute", "celery.app.trace", "asyncio.runners"])
def test_who_runs_a_task_does_not_count(name: str) -> None:
    functions = shop()

    assert fingerprint(under(name, functions["sell"], "")) == fingerprint(raised(functions["sell"], ""))


def test_a_coroutine_fails_the_same_on_every_loop() -> None:
    functions = shop()
    error = raised(lambda: run_to_end(functions["later"]("")))

    assert fingerprint(error) == digest("shop.stock.OutOfStock", "stock.py:later", "stock.py:order", "stock.py:reserve", HERE)


def test_what_is_installed_from_others_does_not_count_unless_the_task_itself_is_from_there() -> None:
    installed = "/app/.venv/lib/python3.13/site-packages/shop/stock.py"
    mine = shop("/srv/mine.py", module="mine")
    calls_a_library = raised(mine["slower"], raised(shop(installed)["sell"], ""))
    installed_itself = raised(shop(installed)["sell"], "")

    assert fingerprint(calls_a_library, "mine") == digest("shop.stock.Sold", "mine.py:slow", "mine.py:slower", HERE)
    assert fingerprint(installed_itself, "shop.tasks") == digest("shop.stock.Sold", "stock.py:sell", HERE)


def test_where_a_time_limit_strikes_does_not_count() -> None:
    functions = shop()
    places = [raised(functions[name], TaskTimeout("the task ran longer than its timeout of 3 s")) for name in ("slow", "slower")]

    assert {fingerprint(error) for error in places} == {fingerprint(TaskTimeout())}


def test_a_group_is_known_by_its_members_whatever_their_number() -> None:
    functions = shop()

    def group(*names: str) -> str:
        return fingerprint(ExceptionGroup("several", [raised(functions[name], name) for name in names]))  # type: ignore[type-var]

    assert group("sell", "refund") == group("refund", "sell", "sell")
    assert group("sell", "refund") != group("sell")


@given(numbers=st.tuples(st.integers(0), st.integers(0)))
def test_the_numbers_in_the_cause_of_a_loss_do_not_count(numbers: tuple[int, int]) -> None:
    one, other = (fingerprint_of_loss("WorkerLost", f"the child exited with code {number}") for number in numbers)

    assert one == other == digest("WorkerLost", "the child exited with code #")
    assert one != fingerprint_of_loss("WorkerLost", "the child was killed by SIGSEGV")


def test_an_error_that_was_never_raised_has_one_too() -> None:
    assert fingerprint(ValueError("x")) == digest("builtins.ValueError")


@given(st.text(alphabet=st.characters()))
def test_any_name_can_be_digested(name: str) -> None:
    assert len(digest(name, str(Path("x")))) == 16
