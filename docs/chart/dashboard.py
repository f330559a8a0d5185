"""Writes the chart's dashboard for Grafana: its panels by the questions of an incident, its metrics from the one catalogue."""

import json
from collections.abc import Iterator
from typing import Any, Final

from docs.chart.comments import CHART
from docs.chart.panels import ROWS, Panel

FILE: Final = CHART / "files" / "dashboards" / "heavylift.json"

_PER_LINE: Final = 3
_WIDTH: Final = 24 // _PER_LINE
_HEIGHT: Final = 8
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


def render() -> str:
    """The whole file."""
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


def build() -> dict[str, Any]:
    """The dashboard as Grafana reads it."""
    return {
        "uid": "heavylift",
        "title": "Heavylift",
        "description": "Written by `make docs`; what is changed in Grafana is lost.",
        "tags": ["heavylift"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": _variables()},
        "panels": [part | {"id": number} for number, part in enumerate(_parts(), start=1)],
    }


def _variables() -> list[dict[str, Any]]:
    asked = {"type": "query", "datasource": _SOURCE, "refresh": 2, "sort": 1}
    queues = 'label_values(task_queue_messages{namespace="$namespace"}, messaging_destination_name)'
    return [
        {"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus"},
        asked | {"name": "namespace", "label": "Namespace", "query": "label_values(task_consumers, namespace)"},
        asked | {"name": "queue", "label": "Queue", "query": queues, "multi": True, "includeAll": True, "allValue": ".*"},
    ]


def _parts() -> Iterator[dict[str, Any]]:
    """Rows and their panels, from top to bottom."""
    top = 0
    for title, panels in ROWS.items():
        yield {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": _place(0, top, 24, 1)}
        top += 1
        for number, panel in enumerate(panels):
            line, column = divmod(number, _PER_LINE)
            yield _panel(panel) | {"gridPos": _place(column * _WIDTH, top + line * _HEIGHT, _WIDTH, _HEIGHT)}
        top += -(-len(panels) // _PER_LINE) * _HEIGHT


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.meaning,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]}},
        "targets": [
            {"refId": chr(ord("A") + number), "datasource": _SOURCE, "expr": expression, "legendFormat": legend}
            for number, (legend, expression) in enumerate(panel.curves.items())
        ],
    }
