"""Where payloads and results are kept that are too large for Redis: who comes to know of it, and may reach it."""

from typing import Any

import pytest

from tests.support.chart import RELEASE, Rendered, environment, render

API, WORKER = f"{RELEASE}-heavylift-api", f"{RELEASE}-heavylift-worker-default"
AUTOSCALER = f"{RELEASE}-heavylift-autoscaler"
SETTINGS = {"url": "s3://bucket/heavylift", "endpoint": "http://minio.storage:9000", "inlineLimit": 262_144}
VALUES = {"objectStorage": {"settings": SETTINGS, "existingSecret": "minio", "ports": [9000]}}


@pytest.fixture(scope="module")
def rendered() -> Rendered:
    return render(VALUES)


@pytest.mark.parametrize("deployment", [API, WORKER])
def test_api_and_workers_know_where_it_is_and_read_credentials_from_files(rendered: Rendered, deployment: str) -> None:
    pod = rendered.pods()[f"Deployment/{deployment}"]
    told = environment(pod)

    assert told["HEAVYLIFT_OBJECTS_URL"] == SETTINGS["url"]
    assert told["HEAVYLIFT_OBJECTS_INLINE_LIMIT"] == "262144"
    mounts = {mount["mountPath"]: mount for mount in pod["containers"][0]["volumeMounts"]}
    assert mounts[told["HEAVYLIFT_OBJECTS_CREDENTIALS"]]["readOnly"]
    assert _secrets(pod)["objects"] == "minio"


def test_nobody_else_knows_of_it(rendered: Rendered) -> None:
    pod = rendered.pods()[f"Deployment/{AUTOSCALER}"]

    assert not [name for name in environment(pod) if name.startswith("HEAVYLIFT_OBJECTS_")]
    assert "objects" not in _secrets(pod)


def test_the_network_policies_let_them_reach_it(rendered: Rendered) -> None:
    for policy in (API, f"{RELEASE}-heavylift-worker"):
        assert {"ports": [{"port": 9000}]} in rendered.one("NetworkPolicy", policy)["spec"]["egress"]


def test_without_it_nothing_of_it_is_there() -> None:
    rendered = render({})

    told = environment(rendered.pods()[f"Deployment/{API}"])
    assert not [name for name in told if name.startswith("HEAVYLIFT_OBJECTS_")]


def _secrets(pod: dict[str, Any]) -> dict[str, str]:
    return {volume["name"]: volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
