"""What the chart made once is kept by an upgrade, which restarts nothing that need not be."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.api_server import cluster
from tests.support.chart import RELEASE, Object, Rendered, render, render_for_upgrade

NAME = f"{RELEASE}-heavylift"
Values = dict[str, Any]
Upgrade = Callable[[Values, Values], tuple[Rendered, Rendered]]


@pytest.fixture
def upgrade(tmp_path: Path) -> Upgrade:
    """Install with values, then upgrade with values; what was rendered each time."""

    def upgrade(before: Values, after: Values) -> tuple[Rendered, Rendered]:
        first = render(before)
        with cluster(tmp_path, render(after).objects, _secrets(first)) as kubeconfig:
            return first, render_for_upgrade(after, kubeconfig)

    return upgrade


def _secrets(rendered: Rendered) -> dict[str, Mapping[str, str]]:
    return {found["metadata"]["name"]: found["data"] for found in rendered.all("Secret")}


def _templates(rendered: Rendered) -> dict[str, Object]:
    return {f"{found['kind']}/{found['metadata']['name']}": found["spec"].get("template") for found in _running(rendered)}


def _running(rendered: Rendered) -> list[Object]:
    return [*rendered.all("Deployment"), *rendered.all("StatefulSet")]


def test_what_was_generated_is_kept_and_nothing_is_restarted(upgrade: Upgrade) -> None:
    values = {"redis": {"tls": {"enabled": True}, "haproxy": {"enabled": True}}}

    first, second = upgrade(values, values)

    assert _secrets(second) == _secrets(first)
    assert len(_secrets(second)) == 3
    assert _templates(second) == _templates(first)


def test_who_comes_later_gets_a_password_and_the_others_keep_theirs(upgrade: Upgrade) -> None:
    first, second = upgrade({}, {"redis": {"haproxy": {"enabled": True}}})

    before, after = _secrets(first)[f"{NAME}-redis"], _secrets(second)[f"{NAME}-redis"]
    assert after.keys() - before.keys() == {"haproxy"}
    assert {user: after[user] for user in before} == before


def test_an_upgrade_while_a_password_is_being_changed_keeps_both(tmp_path: Path) -> None:
    # Given the Secret of a release, to which somebody has written a second password for the API
    first = render()
    secret = {**_secrets(first)[f"{NAME}-redis"], "api-also": "bmV3"}
    with cluster(tmp_path, first.objects, {f"{NAME}-redis": secret}) as kubeconfig:
        second = render_for_upgrade({}, kubeconfig)

    # Then it is still there, and the servers are made anew, one by one, to take it
    assert _secrets(second)[f"{NAME}-redis"] == secret
    assert _restarted(first, second) == {f"StatefulSet/{NAME}-redis"}


def test_who_was_started_with_a_password_that_is_another_now_is_started_anew(tmp_path: Path) -> None:
    first = render()
    secret = {**_secrets(first)[f"{NAME}-redis"], "worker": "bmV3"}
    with cluster(tmp_path, first.objects, {f"{NAME}-redis": secret}) as kubeconfig:
        second = render_for_upgrade({}, kubeconfig)

    assert _restarted(first, second) == {f"StatefulSet/{NAME}-redis", f"Deployment/{NAME}-worker-default"}


def _restarted(first: Rendered, second: Rendered) -> set[str]:
    before = _templates(first)
    return {name for name, template in _templates(second).items() if template != before[name]}
