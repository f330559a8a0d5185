"""Writes images.txt: what the chart pulls, with all that can be switched on, for those who mirror it."""

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
    below = [part for part in values.values() if isinstance(part, dict)]
    own = [values["image"]] if "image" in values else []
    return own + [image for part in below if part is not values.get("image") for image in _images(part)]


def _name(image: dict[str, Any], version: str) -> str:
    return f"{image['registry'] or 'docker.io'}/{image['repository']}:{image['tag'] or version}"
