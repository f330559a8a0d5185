"""Both Helms render what Kubernetes takes."""

import kubernetes_validate
import pytest

from tests.support.chart import CHART, FOREIGN, render

VERSIONS = ("1.30.0", "1.31.0", "1.32.0", "1.33.0", "1.34.0", "1.35.0", "1.36.0", "1.37.0")


@pytest.mark.parametrize("major", [3, 4])
def test_both_helms_render_the_same(major: int) -> None:
    ours, other = render(_without_chance(), major=major), render(_without_chance(), major=7 - major)

    assert ours == other


@pytest.mark.parametrize("kubernetes", VERSIONS)
def test_every_object_is_one_that_kubernetes_knows(kubernetes: str) -> None:
    """With the values by which most is rendered."""
    for found in render({}, CHART / "ci" / "everything-values.yaml", kubernetes=kubernetes).objects:
        if found["kind"] not in FOREIGN:
            kubernetes_validate.validate(found, kubernetes.removesuffix(".0"), strict=True)


def test_names_are_no_longer_than_kubernetes_takes_them() -> None:
    long = {
        "fullnameOverride": "as-long-as-the-name-of-a-release-can-be-with-that-of-the-chart",
        "pools": {"a-pool-of-16-abc": {"settings": {"queues": ["long"]}}},
    }
    scenarios = (CHART / "ci" / f"{name}-values.yaml" for name in ("haproxy", "production"))

    for found in render(long, *scenarios).objects:
        assert len(found["metadata"]["name"]) <= (52 if found["kind"] == "CronJob" else 63), found["metadata"]["name"]


def _without_chance() -> dict[str, object]:
    return {"redis": {"auth": {"existingSecret": "passwords"}}, "api": {"firstKey": {"existingSecret": "key"}}}
