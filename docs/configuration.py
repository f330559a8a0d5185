"""Writes docs/configuration.md from the classes of settings: ``make docs``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from heavylift.settings import ClientSettings, LocalSettings, Settings, group_of
from heavylift_api.settings import ApiSettings
from heavylift_autoscaler.settings import AutoscalerServiceSettings
from heavylift_scheduler.settings import SchedulerServiceSettings
from heavylift_tasks.settings import ImageSettings, MailSettings
from heavylift_worker.settings import WorkerServiceSettings

PAGE: Final = Path(__file__).with_name("configuration.md")

#: Who reads what: the program as it is started, and its settings with their groups.
PROGRAMS: Final[dict[str, tuple[type[Settings], ...]]] = {
    "the API": (ApiSettings,),
    "the worker": (WorkerServiceSettings,),
    "the autoscaler": (AutoscalerServiceSettings,),
    "the scheduler": (SchedulerServiceSettings,),
    "`heavylift dev`": (LocalSettings, ApiSettings, WorkerServiceSettings),
    "clients and the command line": (ClientSettings,),
    "the shipped tasks in a worker": (ImageSettings, MailSettings),
}

HEAD: Final = """\
# Configuration

<!-- Written by `make docs` from the classes of settings; a test compares the two. Change the classes, not this page. -->

Everything is set by environment variables. An empty variable counts as unset. A wrong value stops the program at its start with a
sentence that names the variable. Settings are read once: a change needs a restart. Times are in seconds.
"""


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(group) for group in groups())])


def groups() -> list[type[Settings]]:
    """Every class with variables of its own, once, in the order of the programs."""
    every = [group for roots in PROGRAMS.values() for root in roots for group in _walk(root)]
    return [group for group in dict.fromkeys(every) if variables(group)]


def _walk(settings: type[Settings]) -> Iterator[type[Settings]]:
    yield settings
    for field in settings.model_fields.values():
        if group := group_of(field):
            yield from _walk(group)


def _section(group: type[Settings]) -> str:
    readers = [program for program, roots in PROGRAMS.items() if any(group in _walk(root) for root in roots)]
    rows = [
        f"| `{variable}` | {_type(group, name)} | {_default(field)} | {field.description} |"
        for variable, name, field in variables(group)
    ]
    return "\n".join(
        [
            f"## `{prefix(group)}…`",
            "",
            f"{_first_paragraph(group)} Read by {_listed(readers)}.",
            "",
            "| Variable | Type | Default | Meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def variables(group: type[Settings]) -> list[tuple[str, str, FieldInfo]]:
    """The variables of a class: name, field's name, field."""
    own = ((name, field) for name, field in group.model_fields.items() if group_of(field) is None)
    return [(f"{prefix(group)}{name}".upper(), name, field) for name, field in own]


def _type(group: type[Settings], name: str) -> str:
    """What the JSON Schema of the field says, in words."""
    schema = group.model_json_schema()["properties"][name]
    schema = next((option for option in schema.get("anyOf", ()) if option.get("type") != "null"), {}) | schema
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    word = _WORDS[schema["type"]]
    word = "JSON" if "$ref" in schema.get("items", ()) else word
    word = "secret text" if schema.get("format") == "password" else word
    bounds = [f"{sign} {schema[key]:,}" for key, sign in _BOUNDS.items() if key in schema]
    return ", ".join([word, *bounds, *([f"`{schema['pattern']}`"] if "pattern" in schema else [])]).replace("|", "\\|")


_WORDS: Final = {"array": "words", "string": "text", "integer": "integer", "number": "number", "boolean": "`true`, `false`"}
_BOUNDS: Final = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value in ((), ""):
        return "unset"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{int(value) if isinstance(value, float) and value.is_integer() else value}`"


def prefix(group: type[Settings]) -> str:
    """What its variables begin with."""
    return group.model_config.get("env_prefix", "")


def _first_paragraph(group: type[Settings]) -> str:
    return " ".join((group.__doc__ or "").split("\n\n")[0].replace("``", "`").split())


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


if __name__ == "__main__":
    PAGE.write_text(render())
