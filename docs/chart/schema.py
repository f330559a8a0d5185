"""Makes values.schema.json of values.schema.yaml: closes objects, and puts in meanings and the types of settings."""

import json
import re
from typing import Any, Final

import yaml

from docs.chart.comments import CHART, Path, read_comments
from docs.configuration import groups, prefix, variables

SOURCE: Final = CHART / "values.schema.yaml"
JSON_FILE: Final = CHART / "values.schema.json"

Schema = dict[str, Any]

#: What Helm shall check of a setting; the rest of what pydantic says is about the program.
_CHECKED: Final = {
    *("type", "enum", "pattern", "items", "minLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
}


def render() -> str:
    """The whole file."""
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


def build() -> Schema:
    """The schema as Helm reads it."""
    source: Schema = yaml.safe_load(SOURCE.read_text())
    return _complete(source, (), read_comments())


def _complete(schema: Schema, path: Path, meanings: dict[Path, str]) -> Schema:
    if "x-settings" in schema:
        return _settings(schema["x-settings"], schema.get("x-without", []), meanings.get(path, ""))
    path = tuple(schema["x-meanings"].split(".")) if "x-meanings" in schema else path
    done = {key: part for key, part in schema.items() if key != "x-meanings"}
    if meaning := meanings.get(path):
        # beside a reference a description would be ignored, or hide what is referred to
        done = {"description": meaning} | ({"allOf": [done]} if "$ref" in done else done)
    if "definitions" in done:
        done["definitions"] = {name: _complete(part, ("definitions",), meanings) for name, part in done["definitions"].items()}
    if "properties" in done:
        done["properties"] = {name: _complete(part, (*path, name), meanings) for name, part in done["properties"].items()}
    return done | ({"additionalProperties": False} if "properties" in done and "additionalProperties" not in done else {})


def _settings(of: str, without: list[str], meaning: str) -> Schema:
    group = next(group for group in groups() if prefix(group) == of)
    known = group.model_json_schema()["properties"]
    fields = {
        camel_case(name): {"description": field.description} | _type(known[name])
        for _, name, field in variables(group)
        if name not in without
    }
    return {"description": meaning, "type": "object", "additionalProperties": False, "properties": fields}


def _type(known: Schema) -> Schema:
    option: Schema = next((option for option in known.get("anyOf", ()) if option.get("type") != "null"), {})
    return {key: value for key, value in (known | option).items() if key in _CHECKED}


def camel_case(name: str) -> str:
    """``body_limit`` as it is called in values: ``bodyLimit``."""
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
