"""Each variable of docs/configuration.md can be set through the chart."""

from copy import deepcopy
from functools import cache
from typing import Any, Final

import pytest

from docs.chart.schema import camel_case
from docs.configuration import groups, prefix, variables
from heavylift.settings import ClientSettings, LocalSettings, Settings
from heavylift_api.settings import AccessSettings
from tests.support.chart import RELEASE, WITH_KEDA, Object, Rendered, environment, render

API: Final = f"{RELEASE}-heavylift-api"
WORKER: Final = f"{RELEASE}-heavylift-worker-default"
AUTOSCALER: Final = f"{RELEASE}-heavylift-autoscaler"
SCHEDULER: Final = f"{RELEASE}-heavylift-scheduler"

#: With all that the chart installs.
ENGINE: Final[dict[str, Any]] = {"autoscaling": {"engine": "controller"}}

#: Where the variables of a prefix stand in values, and whose container gets them.
PLACES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "HEAVYLIFT_API_": (("api", "settings"), (API,)),
    "HEAVYLIFT_STORE_": (("store", "settings"), (API, WORKER, AUTOSCALER, SCHEDULER)),
    "HEAVYLIFT_OBJECTS_": (("objectStorage", "settings"), (API, WORKER)),
    "HEAVYLIFT_TELEMETRY_": (("telemetry", "settings"), (API, WORKER, AUTOSCALER, SCHEDULER)),
    "HEAVYLIFT_WORKER_": (("pools", "default", "settings"), (WORKER,)),
    "HEAVYLIFT_WORKER_HTTP_": (("pools", "default", "http", "settings"), (WORKER,)),
    "HEAVYLIFT_AUTOSCALER_": (("autoscaler", "settings"), (AUTOSCALER,)),
    "HEAVYLIFT_AUTOSCALER_HTTP_": (("autoscaler", "http", "settings"), (AUTOSCALER,)),
    "HEAVYLIFT_AUTOSCALER_KEDA_": (("autoscaling", "keda"), (AUTOSCALER,)),
    "HEAVYLIFT_SCHEDULER_HTTP_": (("scheduler", "http", "settings"), (SCHEDULER,)),
    "HEAVYLIFT_IMAGE_": (("worker", "imageTasks", "settings"), (WORKER,)),
    "HEAVYLIFT_MAIL_": (("worker", "mailTasks", "settings"), (WORKER,)),
}

#: Values for variables that are made of several values, or come out of Secrets.
SPECIAL: Final[dict[str, dict[str, Any]]] = {
    "HEAVYLIFT_STORE_URL": {"redis": {"enabled": False}, "externalRedis": {"url": "redis://elsewhere"}},
    "HEAVYLIFT_STORE_PASSWORD_FILE": {"redis": {"enabled": True}},
    "HEAVYLIFT_API_FIRST_KEY_FILE": {},
    "HEAVYLIFT_OBJECTS_CREDENTIALS": {"objectStorage": {"settings": {"url": "s3://bucket"}, "existingSecret": "objects"}},
    "HEAVYLIFT_STORE_SENTINEL_USERNAME": {"redis": {"enabled": True}},
    "HEAVYLIFT_STORE_SENTINEL_PASSWORD": {"redis": {"enabled": True}},
    "HEAVYLIFT_MAIL_PASSWORD": {"worker": {"mailTasks": {"passwordSecret": {"name": "mail"}}}},
    **{f"HEAVYLIFT_AUTOSCALER_{name}": ENGINE for name in ("POOLS", "ENGINE", "NAMESPACE", "POD_SELECTOR", "LEASE", "IDENTITY")},
    **{f"HEAVYLIFT_AUTOSCALER_KEDA_{name}": WITH_KEDA for name in ("HOST", "PORT", "TOKEN_FILE")},
}

#: For who runs a program outside of the cluster.
OUTSIDE: Final = ("HEAVYLIFT_AUTOSCALER_KUBECONFIG",)

#: What a field accepts besides what its bounds tell.
SAMPLES: Final[dict[str, Any]] = {
    "HEAVYLIFT_TELEMETRY_OTLP_ENDPOINT": "http://collector:4318",
    "HEAVYLIFT_API_HOST": "::",
    "HEAVYLIFT_OBJECTS_URL": "s3://bucket/heavylift",
    "HEAVYLIFT_OBJECTS_ENDPOINT": "https://objects.example.com",
}


def _variables() -> list[tuple[str, type[Settings], str]]:
    elsewhere = [LocalSettings, AccessSettings, ClientSettings]  # where there is no chart
    every = [group for group in groups() if group not in elsewhere]
    return [(variable, group, name) for group in every for variable, name, _ in variables(group) if variable not in OUTSIDE]


def _sample(group: type[Settings], name: str) -> Any:
    """A value of the field's type and within its bounds."""
    schema = group.model_json_schema()["properties"][name]
    schema = next((option for option in schema.get("anyOf", ()) if option.get("type") != "null"), schema)
    if "enum" in schema:
        return schema["enum"][-1]
    kinds = {"array": ["one", "two"], "string": "word", "boolean": True}
    return kinds.get(schema["type"], schema.get("minimum", 1) + 1)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


@cache
def _samples() -> dict[str, Any]:
    """A value for each variable that one value is made of."""
    simple = [found for found in _variables() if found[0] not in SPECIAL]
    return {variable: SAMPLES.get(variable, _sample(group, name)) for variable, group, name in simple}


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    """The chart with all of them."""
    values: dict[str, Any] = deepcopy(ENGINE)
    for variable, group, name in _variables():
        if variable not in SPECIAL:
            _put(values, (*PLACES[prefix(group)][0], camel_case(name)), _samples()[variable])
    return render(values)


@pytest.mark.parametrize("variable", _samples())
def test_every_variable_can_be_set_through_values(variable: str, rendered: Rendered) -> None:
    group = next(group for known, group, _ in _variables() if known == variable)

    for deployment in PLACES[prefix(group)][1]:
        assert environment(_pod(rendered, deployment))[variable] == _text(_samples()[variable]), deployment


@pytest.mark.parametrize("variable", SPECIAL)
def test_what_is_secret_or_made_of_several_values_is_set_too(variable: str) -> None:
    group = next(group for known, group, _ in _variables() if known == variable)

    for deployment in PLACES[prefix(group)][1]:
        assert variable in environment(_pod(render(ENGINE | SPECIAL[variable]), deployment)), deployment


def test_a_number_of_seven_digits_stays_one() -> None:
    rendered = render({"api": {"settings": {"bodyLimit": 10_000_000}}, "store": {"settings": {"retention": 0.5 + 86_400}}})

    told = environment(_pod(rendered, API))
    assert (told["HEAVYLIFT_API_BODY_LIMIT"], told["HEAVYLIFT_STORE_RETENTION"]) == ("10000000", "86400.5")


def _pod(rendered: Rendered, deployment: str) -> Object:
    return rendered.pods()[f"Deployment/{deployment}"]


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        values = values.setdefault(key, {})
    values[path[-1]] = value
