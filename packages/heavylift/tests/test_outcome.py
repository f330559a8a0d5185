"""What is said of a failure."""

import json

from heavylift.outcome import Failure


def test_a_failure_is_shown_whole() -> None:
    failure = Failure("PayloadInvalid", "width: too small", retryable=False, details=({"loc": ["width"]},), traceback="…")

    assert failure.as_json() == {
        "type": "PayloadInvalid",
        "message": "width: too small",
        "retryable": False,
        "details": [{"loc": ["width"]}],
        "traceback": "…",
    }


def test_a_failure_without_more_to_say_has_the_same_shape() -> None:
    failure = Failure("WorkerLost", "its worker died", retryable=True)

    assert json.loads(json.dumps(failure.as_json())) == {
        "type": "WorkerLost",
        "message": "its worker died",
        "retryable": True,
        "details": [],
        "traceback": None,
    }
