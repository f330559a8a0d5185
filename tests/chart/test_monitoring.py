"""Alerts speak of metrics that there are, and link to runbooks that there are."""

import re
from pathlib import Path

import promql_parser
import pytest

from heavylift.telemetry.metric_specs import CATALOGUE
from tests.support.chart import NAMESPACE, RELEASE, SCRAPED, Object, Rendered, render

NAME = f"{RELEASE}-heavylift"
RUNBOOKS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    monitoring = {"labels": {"release": "p"}, "rules": {"enabled": True}, "scrape": {"enabled": True}}
    return render({"monitoring": monitoring, "redis": {"haproxy": {"enabled": True}}} | SCRAPED)


@pytest.fixture(scope="module")
def rules(rendered: Rendered) -> list[Object]:
    found: list[Object] = rendered.one("PrometheusRule", NAME)["spec"]["groups"][0]["rules"]
    return found


def test_every_alert_asks_for_metrics_of_the_catalogue_with_labels_that_they_have(rules: list[Object]) -> None:
    known = {spec.prometheus: {*spec.labels, "namespace"} for spec in CATALOGUE}
    for rule in rules:
        promql_parser.parse(rule["expr"])
        asked = re.findall(r"(\w+)\{([^}]*)\}", rule["expr"])
        assert asked, rule["alert"]
        for metric, selectors in asked:
            assert metric in known, rule["alert"]
            assert set(re.findall(r"(\w+)=", selectors)) <= known[metric], rule["alert"]
            assert f'namespace="{NAMESPACE}"' in selectors, rule["alert"]


def test_every_alert_links_to_its_runbook(rules: list[Object]) -> None:
    anchors = {_anchor(title) for title in re.findall(r"^### (.*)$", RUNBOOKS.read_text(), flags=re.MULTILINE)}

    for rule in rules:
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert page == "docs/operations.md"
        assert anchor in anchors, rule["alert"]
        assert f"`{rule['alert']}`" in RUNBOOKS.read_text()


def test_every_alert_says_how_bad_it_is_and_what_is_the_case(rules: list[Object]) -> None:
    for rule in rules:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"].endswith(".")


def test_prometheus_finds_api_and_workers_by_the_ports_that_they_have(rendered: Rendered) -> None:
    service = rendered.one("ServiceMonitor", f"{NAME}-api")["spec"]
    pods = rendered.one("PodMonitor", f"{NAME}-worker")["spec"]

    ports = {port["name"] for pod in rendered.pods().values() for port in pod["containers"][0].get("ports", [])}
    assert service["endpoints"][0]["port"] in {port["name"] for port in rendered.one("Service", f"{NAME}-api")["spec"]["ports"]}
    assert pods["podMetricsEndpoints"][0]["port"] in ports
    assert rendered.one("PodMonitor", f"{NAME}-redis-haproxy")["spec"]["podMetricsEndpoints"][0]["port"] in ports
    assert all(found["metadata"]["labels"]["release"] == "p" for found in rendered.all("PrometheusRule"))


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
