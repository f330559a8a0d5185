"""Writes images.txt: what the chart pulls as it is, for those who mirror it where nothing else can be reached."""

from typing import Any, Final

import yaml

from docs.chart.comments import CHART, read_values

PAGE: Final = CHART / "images.txt"


def render() -> str:
    """One name a line, with the registry that a node takes when none is named."""
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    return "".join(
        f"{_name(image, version)}\n" for image in sorted(_images(read_values()), key=lambda image: image["repository"])
    )


def _images(values: dict[str, Any]) -> list[dict[str, Any]]:
    found = [values[component]["image"] for component in values if "image" in (values[component] or {})]
    return list({image["repository"]: image for image in found}.values())


def _name(image: dict[str, Any], version: str) -> str:
    return f"{image['registry'] or 'docker.io'}/{image['repository']}:{image['tag'] or version}"
