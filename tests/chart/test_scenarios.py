"""Every value is set in some scenario of ci/, and every scenario is one that Kubernetes takes."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from docs.chart.comments import read_comments, read_values, value_at
from tests.support.chart import CHART, FOREIGN, Object, render

SCENARIOS = sorted((CHART / "ci").glob("*-values.yaml"))
OLDEST, NEWEST = "1.30", "1.37"


def test_there_are_scenarios_enough() -> None:
    assert len(SCENARIOS) >= 10


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
@pytest.mark.parametrize(("major", "kubernetes"), [(3, OLDEST), (4, NEWEST)])
def test_every_scenario_is_one_that_kubernetes_takes(scenario: Path, major: int, kubernetes: str) -> None:
    for found in render({}, scenario, major=major, kubernetes=f"{kubernetes}.0").objects:
        if found["kind"] not in FOREIGN:
            kubernetes_validate.validate(found, kubernetes, strict=True)


def test_every_value_is_set_in_some_scenario() -> None:
    values = read_values()
    scenarios = [yaml.safe_load(path.read_text()) for path in SCENARIOS]
    known = [path for path in read_comments() if path[0] != "pools"]  # a pool has what a worker has
    leaves = [path for path in known if not any(other[:-1] == path for other in known)]

    forgotten = [".".join(path) for path in leaves if not any(_differs(path, values, scenario) for scenario in scenarios)]

    assert forgotten == []


def _differs(path: tuple[str, ...], values: Object, scenario: Object) -> bool:
    try:
        return bool(value_at(scenario, path) != value_at(values, path))
    except (KeyError, TypeError):
        return False


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_no_scenario_changes_what_cannot_be_changed_by_an_upgrade(scenario: Path) -> None:
    """Kubernetes refuses another selector, and another volume of a StatefulSet but for its existence, size and class."""
    fixed = _immutable(render({}))
    for name, parts in _immutable(render({"nameOverride": "", "fullnameOverride": ""}, scenario)).items():
        assert parts == fixed.get(name, parts), name


def _immutable(rendered: Any) -> dict[str, object]:
    specs = {f"{found['kind']}/{found['metadata']['name']}": found["spec"] for found in rendered.objects if "spec" in found}
    return {
        name: [spec["selector"], spec.get("serviceName"), spec.get("podManagementPolicy")]
        for name, spec in specs.items()
        if name.startswith(("Deployment/", "StatefulSet/"))
    }
