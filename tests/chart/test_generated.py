"""What is generated of the chart is what its sources say, and every value is there, typed and told."""

from typing import Any

import yaml

from docs.chart import dashboard, images, readme, schema
from docs.chart.comments import CHART, read_comments, read_values
from tests.support.chart import render


def test_the_readme_is_what_the_comments_say() -> None:
    assert readme.PAGE.read_text() == readme.render(), "the chart's README.md is stale: run `make docs`"


def test_the_schema_is_what_its_source_says() -> None:
    assert schema.JSON_FILE.read_text() == schema.render(), "values.schema.json is stale: run `make docs`"


def test_the_dashboard_is_what_its_panels_say() -> None:
    assert dashboard.FILE.read_text() == dashboard.render(), "the chart's dashboard is stale: run `make docs`"


def test_the_images_are_those_of_the_values_and_of_the_pods() -> None:
    assert images.PAGE.read_text() == images.render(), "the chart's images.txt is stale: run `make docs`"
    everything = render({"redis": {"haproxy": {"enabled": True}, "backup": {"enabled": True}}})
    used = {container["image"] for pod in everything.pods().values() for container in pod["containers"]}
    assert {f"docker.io/{image}" for image in used} == set(images.PAGE.read_text().split())
    annotation = yaml.safe_load((CHART / "Chart.yaml").read_text())["annotations"]["artifacthub.io/images"]
    assert {image["image"] for image in yaml.safe_load(annotation)} == set(images.PAGE.read_text().split())


def test_every_value_says_its_meaning() -> None:
    comments = read_comments()
    silent = [
        ".".join(path)
        for path, meaning in comments.items()
        if not meaning
        and not {"settings", "resources"}.intersection(path[:-1])
        and path[0] != "pools"
        and not any(o[:-1] == path for o in comments)
    ]

    assert silent == []


def test_every_value_has_a_type_and_every_type_a_value() -> None:
    built = schema.build()

    assert set(_typed(built, built)) == set(_named(read_values(), built, built))


def _typed(part: dict[str, Any], root: dict[str, Any], path: str = "") -> list[str]:
    known = _resolved(part, root).get("properties")
    if not known or path.endswith(".settings"):
        return [path]
    return [found for name, below in known.items() for found in _typed(below, root, f"{path}.{name}")]


def _named(value: Any, part: dict[str, Any], root: dict[str, Any], path: str = "") -> list[str]:
    known = _resolved(part, root).get("properties", {})
    if not isinstance(value, dict) or not known or path.endswith(".settings"):
        return [path]
    return [found for name, below in value.items() for found in _named(below, known.get(name, {}), root, f"{path}.{name}")]


def _resolved(part: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    for inner in part.get("allOf", [part]):
        if reference := inner.get("$ref"):
            name = reference.removeprefix("#/definitions/")
            found: dict[str, Any] = root["definitions"][name]
            return found
    return part
