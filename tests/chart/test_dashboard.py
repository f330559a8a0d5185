"""The dashboard asks for what there is, says what it means, and comes to Grafana by itself."""

import json
import re

import promql_parser
import pytest

from docs.chart import dashboard
from heavylift.telemetry.metric_specs import CATALOGUE
from tests.support.chart import RELEASE, Object, render

BUILT = dashboard.build()
PANELS: list[Object] = [panel for panel in BUILT["panels"] if panel["type"] != "row"]
TARGETS = [(panel["title"], target) for panel in PANELS for target in panel["targets"]]
KNOWN = {f"{spec.prometheus}{'_bucket' if spec.kind == 'histogram' else ''}": spec for spec in CATALOGUE}


def _asked(expression: str) -> list[tuple[str, str]]:
    """Metrics with their selectors."""
    return re.findall(r"(\w+)\{([^}]*)\}", expression)


@pytest.mark.parametrize(("title", "target"), TARGETS, ids=[f"{title}: {target['legendFormat']}" for title, target in TARGETS])
def test_every_curve_asks_for_metrics_of_the_catalogue_by_labels_that_they_have(title: str, target: Object) -> None:
    expression = target["expr"]
    promql_parser.parse(expression.replace("$__rate_interval", "5m"))
    asked = _asked(expression)
    assert asked, title
    labels = {label for metric, _ in asked for label in KNOWN[metric].labels}
    for metric, selectors in asked:
        assert set(re.findall(r"(\w+)[=!]", selectors)) <= {*KNOWN[metric].labels, "namespace"}, title
        assert 'namespace="$namespace"' in selectors, title
    grouped = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")} - {"", "le"}
    assert grouped <= labels, title
    assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= grouped, title


def test_what_counts_up_is_asked_for_its_rate_and_only_that() -> None:
    for title, target in TARGETS:
        for metric, _ in _asked(target["expr"]):
            rated = re.search(rf"rate\({metric}\{{[^}}]*\}}\[\$__rate_interval\]\)", target["expr"]) is not None
            assert rated == (KNOWN[metric].kind != "gauge"), title


def test_every_metric_of_the_catalogue_is_shown_somewhere() -> None:
    shown = {metric for _, target in TARGETS for metric, _ in _asked(target["expr"])}

    assert KNOWN.keys() - shown == set()


def test_every_panel_says_what_it_means_and_its_place_is_its_own() -> None:
    assert all(panel["description"].endswith(".") for panel in PANELS)
    assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in PANELS)
    places = [panel["gridPos"] for panel in BUILT["panels"]]
    taken = [(x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
    assert len(taken) == len(set(taken))
    assert len({panel["id"] for panel in BUILT["panels"]}) == len(BUILT["panels"])


def test_it_takes_whatever_prometheus_grafana_has() -> None:
    assert {target["datasource"]["uid"] for _, target in TARGETS} == {"${datasource}"}
    assert [variable["name"] for variable in BUILT["templating"]["list"]] == ["datasource", "namespace", "queue"]


def test_grafana_finds_it_by_its_label() -> None:
    found = render({"monitoring": {"dashboard": {"enabled": True}}}).one("ConfigMap", f"{RELEASE}-heavylift-dashboard")

    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(found["data"]["heavylift.json"]) == BUILT
    assert not render().has("ConfigMap", f"{RELEASE}-heavylift-dashboard")
