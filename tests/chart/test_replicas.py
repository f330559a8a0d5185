"""An upgrade neither sets back what was scaled meanwhile, nor changes a number because something else decides from now on."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_server import cluster
from tests.support.chart import RELEASE, Object, Rendered, render, render_for_upgrade

NAME = f"{RELEASE}-heavylift"
POOL = f"{NAME}-worker-default"
NOTE = "heavylift/replicas"
NONE: dict[str, Any] = {"autoscaling": {"engine": "none"}}
SCALED: dict[str, Any] = {"autoscaling": {"engine": "controller"}}

#: Who applies on the server and who in the client, and whether Helm still holds the number that it wrote.
ON_SERVER_AND_HELMS = [{"manager": "helm", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}, "f:template": {}}}}]
ON_SERVER_AND_ANOTHERS = [{"manager": "helm", "operation": "Apply", "fieldsV1": {"f:spec": {"f:template": {}}}}]
IN_CLIENT = [{"manager": "helm", "operation": "Update", "fieldsV1": {"f:spec": {"f:template": {}}}}]

Upgrade = Callable[..., Rendered]


@pytest.fixture
def upgrade(tmp_path: Path) -> Upgrade:
    """Upgrade a release, all of whose Deployments were scaled to so many pods since."""

    def upgrade(
        before: Rendered, values: dict[str, Any], *, scaled_to: int, managers: list[Object] | None = None, told: bool = True
    ) -> Rendered:
        there = tuple(_live(found, scaled_to, managers or [], told) for found in before.all("Deployment"))
        with cluster(tmp_path, render(values).objects, {}, there) as kubeconfig:
            return render_for_upgrade(values, kubeconfig)

    return upgrade


def _live(found: Object, replicas: int, managers: list[Object], told: bool) -> Object:
    live = deepcopy(found)
    live["spec"]["replicas"] = replicas
    live["metadata"] |= {"managedFields": managers}
    if not told:
        live["metadata"].pop("annotations", None)
    return live


def _number(rendered: Rendered, deployment: str = POOL) -> int | None:
    number: int | None = rendered.one("Deployment", deployment)["spec"].get("replicas")
    return number


def test_what_was_scaled_by_hand_stays_until_values_say_another_number(upgrade: Upgrade) -> None:
    first = render(NONE)

    assert _number(upgrade(first, NONE, scaled_to=7)) == 7
    assert _number(upgrade(first, NONE | {"pools": {"default": {"replicas": 3}}}, scaled_to=7)) == 3
    assert _number(upgrade(first, NONE, scaled_to=0)) == 0


def test_who_lets_an_engine_decide_keeps_the_pods_that_there_are(upgrade: Upgrade) -> None:
    """A number that Helm leaves out becomes 1, if it was Helm's."""
    for managers in (ON_SERVER_AND_HELMS, IN_CLIENT):
        second = upgrade(render(NONE), SCALED, scaled_to=7, managers=managers)
        assert _number(second) == 7

        third = upgrade(second, SCALED, scaled_to=8, managers=managers)
        assert _number(third) == 8


def test_the_number_is_left_to_an_engine_as_soon_as_it_has_set_it(upgrade: Upgrade) -> None:
    second = upgrade(render(NONE), SCALED, scaled_to=7, managers=ON_SERVER_AND_ANOTHERS)
    assert _number(second) is None

    third = upgrade(second, SCALED, scaled_to=8, managers=ON_SERVER_AND_ANOTHERS)
    assert _number(third) is None


@pytest.mark.parametrize("managers", [ON_SERVER_AND_ANOTHERS, IN_CLIENT])
def test_who_was_scaled_from_the_first_day_has_no_number_in_any_upgrade(upgrade: Upgrade, managers: list[Object]) -> None:
    first = render(SCALED)
    assert _number(first) is None

    second = upgrade(first, SCALED, scaled_to=7, managers=managers)
    assert _number(second) is None
    assert _number(upgrade(second, SCALED, scaled_to=3, managers=managers)) is None


def test_who_takes_the_decision_back_keeps_the_pods_that_there_are(upgrade: Upgrade) -> None:
    second = upgrade(render(SCALED), NONE, scaled_to=7, managers=ON_SERVER_AND_ANOTHERS)
    assert _number(second) == 7
    assert _number(upgrade(second, NONE, scaled_to=7)) == 7

    named = {"worker": {"replicas": 4}} | NONE
    assert _number(upgrade(render(SCALED), named, scaled_to=7, managers=ON_SERVER_AND_ANOTHERS)) == 4


def test_a_release_of_before_is_taken_as_it_is(upgrade: Upgrade) -> None:
    """It has no note of what it was told."""
    assert _number(upgrade(render(NONE), NONE, scaled_to=7, told=False)) == 2
    assert _number(upgrade(render(NONE), SCALED, scaled_to=7, managers=IN_CLIENT, told=False)) == 7
    assert _number(upgrade(render(SCALED), SCALED, scaled_to=7, managers=ON_SERVER_AND_ANOTHERS, told=False)) is None


def test_the_api_is_no_exception(upgrade: Upgrade) -> None:
    api = f"{NAME}-api"
    scaled = {"api": {"autoscaling": {"enabled": True}}}

    assert _number(upgrade(render(), scaled, scaled_to=7, managers=ON_SERVER_AND_HELMS), api) == 7
    assert _number(upgrade(render(scaled), scaled, scaled_to=7, managers=ON_SERVER_AND_ANOTHERS), api) is None
    assert _number(upgrade(render(scaled), {}, scaled_to=7), api) == 7
