"""The page of settings is what the classes say, and nobody else reads the environment."""

import ast
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Final, Literal, get_origin

import pytest

from heavylift.errors import ConfigurationInvalid
from heavylift.settings import LocalSettings, Settings, group_of
from heavylift_api.settings import ApiSettings
from heavylift_autoscaler.settings import AutoscalerServiceSettings
from heavylift_tasks.settings import ImageSettings, MailSettings
from heavylift_worker.settings import WorkerServiceSettings

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("packages", "services") for path in ROOT.glob(f"{folder}/*/src/**/*.py"))

#: Who may touch the environment besides the classes of settings, and why.
ALLOWED: Final[dict[str, str]] = {
    "packages/heavylift/src/heavylift/local/stack.py": "hands its own environment on to the processes that it starts",
}

PROGRAMS = (ApiSettings, WorkerServiceSettings, AutoscalerServiceSettings, LocalSettings, ImageSettings, MailSettings)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """docs/configuration.py."""
    spec = importlib.util.spec_from_file_location("configuration", ROOT / "docs" / "configuration.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_settings_is_what_the_classes_say(generator: ModuleType) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()

    assert page == generator.render(), "docs/configuration.md is stale: run `make docs`"


def test_every_variable_is_on_the_page(generator: ModuleType) -> None:
    page = generator.render()

    missing = [f"{group.__name__}.{name}" for group, name, variable in _variables() if f"| `{variable}` |" not in page]

    assert missing == []


def test_every_variable_says_its_meaning() -> None:
    silent = [
        f"{group.__name__}.{name}"
        for group, name, _ in _variables()
        if not (group.model_fields[name].description or "").endswith(".")
    ]

    assert silent == []


def test_every_variable_has_one_meaning() -> None:
    readers: dict[str, set[type[Settings]]] = {}
    for group, _, variable in _variables():
        readers.setdefault(variable, set()).add(group)

    assert {variable: groups for variable, groups in readers.items() if len(groups) > 1} == {}


def test_every_variable_begins_with_our_name() -> None:
    assert [variable for *_, variable in _variables() if not variable.startswith("HEAVYLIFT_")] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_wrong_value_is_told_with_its_variable(program: type[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that is made by its class instead of by its ``load`` would be told under the prefix of the program."""
    for group, name, variable in _variables(program):
        if group.model_fields[name].annotation in (int, float) or get_origin(group.model_fields[name].annotation) is Literal:
            monkeypatch.setenv(variable, "nonsense")
            with pytest.raises(ConfigurationInvalid, match=f"^{variable}: "):
                program.load()
            monkeypatch.delenv(variable)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_settings_read_the_environment(path: Path) -> None:
    place = str(path.relative_to(ROOT))
    lines = [getattr(node, "lineno", 0) for node in ast.walk(ast.parse(path.read_text())) if _touches_the_environment(node)]

    assert not lines or place in ALLOWED, f"{place} touches the environment in lines {lines}; a setting is read by its class"


def test_whoever_is_allowed_to_touch_the_environment_does() -> None:
    for place in ALLOWED:
        nodes = ast.walk(ast.parse((ROOT / place).read_text()))
        assert any(_touches_the_environment(node) for node in nodes), f"{place} needs no permission"


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['A']",
        "import os\nos.getenv('A')",
        "from os import environ",
        "from os import getenv as g",
        "import os as o\no.environb",
    ],
)
def test_reading_the_environment_is_seen_in_whatever_form(source: str) -> None:
    assert any(_touches_the_environment(node) for node in ast.walk(ast.parse(source)))


def _touches_the_environment(node: ast.AST) -> bool:
    names = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    match node:
        case ast.Attribute(value=ast.Name(), attr=attribute):
            return attribute in names
        case ast.ImportFrom(module="os", names=imported):
            return any(alias.name in names for alias in imported)
        case _:
            return False


def _variables(*programs: type[Settings]) -> list[tuple[type[Settings], str, str]]:
    groups = dict.fromkeys(group for program in programs or PROGRAMS for group in _walk(program))
    return [
        (group, name, f"{group.model_config.get('env_prefix', '')}{name}".upper())
        for group in groups
        for name, field in group.model_fields.items()
        if group_of(field) is None
    ]


def _walk(settings: type[Settings]) -> list[type[Settings]]:
    nested = [group for field in settings.model_fields.values() if (group := group_of(field))]
    return [settings, *(group for inner in nested for group in _walk(inner))]
