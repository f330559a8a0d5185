"""What can be set is refused in a sentence where it makes no sense."""

import json
from typing import Any

import pytest

from heavylift.errors import ConfigurationInvalid
from heavylift.record import Executor
from heavylift_autoscaler.settings import AutoscalerSettings


def _load(monkeypatch: pytest.MonkeyPatch, *pools: dict[str, Any]) -> AutoscalerSettings:
    monkeypatch.setenv("HEAVYLIFT_AUTOSCALER_POOLS", json.dumps(pools))
    return AutoscalerSettings.load()


def test_a_pool_of_which_little_is_said_has_sensible_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    (pool,) = _load(monkeypatch, {"name": "web", "deployment": "web"}).pools

    assert (pool.queues, pool.minimum, pool.maximum, pool.wait) == (("default",), 0, 10, 30.0)
    assert pool.promise.slots == {Executor.PROCESS: 2, Executor.ASYNCIO: 1000}


@pytest.mark.parametrize(
    ("pools", "sentence"),
    [
        (
            [{"name": "a", "deployment": "one", "queues": ["x", "y"]}, {"name": "b", "deployment": "two", "queues": ["y"]}],
            "the pools a and b both serve the queue y, and each would scale for all of its tasks: give the queue to one",
        ),
        (
            [{"name": "a", "deployment": "one"}, {"name": "b", "deployment": "one", "queues": ["y"]}],
            "the pools a and b both scale one: give each a Deployment of its own",
        ),
        (
            [{"name": "a", "deployment": "one"}, {"name": "a", "deployment": "two", "queues": ["y"]}],
            "two pools are named a: give each a name of its own",
        ),
        ([{"name": "a", "deployment": "one", "minimum": 5, "maximum": 2}], "minimum is 5 and maximum 2"),
        ([{"name": "a", "deployment": "one", "wait": 0}], "wait is 0.0 seconds"),
    ],
)
def test_pools_that_cannot_be_scaled_are_refused_with_the_fix(
    pools: list[dict[str, Any]], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationInvalid, match=f"^HEAVYLIFT_AUTOSCALER_POOLS.*: .*{sentence}"):
        _load(monkeypatch, *pools)


def test_what_is_no_json_is_refused_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_AUTOSCALER_POOLS", "web=3")

    with pytest.raises(ConfigurationInvalid, match=r"^HEAVYLIFT_AUTOSCALER_POOLS: is no JSON .*; write an array of objects"):
        AutoscalerSettings.load()
