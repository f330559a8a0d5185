"""The family of errors."""

import inspect
import pickle

import pytest

from heavylift import errors
from heavylift.errors import HeavyliftError, PermanentError, QueueFull, StoreUnavailable, TaskNotFound, TemporaryError

FAMILY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HeavyliftError)]


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_says_its_sentence_when_nothing_else_is_said(kind: type[HeavyliftError]) -> None:
    assert kind.__doc__ is not None
    sentence = kind.__doc__.splitlines()[0]

    assert str(kind()) == sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_says_what_it_is_told_to_say(kind: type[HeavyliftError]) -> None:
    assert str(kind("no task has the id 42")) == "no task has the id 42"


def test_only_what_may_pass_by_itself_is_retryable() -> None:
    assert {kind.__name__ for kind in FAMILY if kind.retryable} == {
        "NotReplicated",
        "ObjectsUnavailable",
        "PrimaryAwaited",
        "QueueFull",
        "StoreRefused",
        "StoreUnavailable",
        "TaskTimeout",
        "TemporaryError",
        "WorkerRests",
    }


def test_a_temporary_error_carries_the_pause_that_it_asks_for() -> None:
    assert TemporaryError().delay is None
    assert TemporaryError("the mail server is busy", delay=2.5).delay == 2.5


@pytest.mark.parametrize(
    "error",
    [
        TemporaryError("busy", delay=3.0),
        PermanentError("no"),
        TaskNotFound(),
        StoreUnavailable(),
        QueueFull("full", queue="mail", limit=3, waiting=3, retry_after=1),
    ],
)
def test_errors_cross_from_process_to_process(error: HeavyliftError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes

    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
