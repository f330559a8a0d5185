"""The first key for the API: made by the chart in the form that the API reads, or taken from a Secret that is there."""

import base64

import pytest

from heavylift.access import read_key
from tests.support.chart import RELEASE, Object, Rendered, environment, render

NAME = f"{RELEASE}-heavylift-api"


def _mounted(pod: Object) -> dict[str, str]:
    """Under which path the first container has which Secret."""
    secrets = {volume["name"]: volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume}
    mounts = pod["containers"][0]["volumeMounts"]
    return {mount["mountPath"]: secrets[mount["name"]] for mount in mounts if mount["name"] in secrets}


@pytest.mark.parametrize("major", [3, 4])
def test_the_chart_makes_a_key_that_the_api_takes(major: int) -> None:
    texts = {_made(render(major=major)) for _ in range(2)}

    assert len(texts) == 2, "each installation has its own"
    assert all(read_key(text) for text in texts), texts


def test_the_api_and_the_test_find_it_in_a_file_and_in_no_variable() -> None:
    rendered = render()
    pods = rendered.pods()
    api, test = pods[f"Deployment/{NAME}"], pods[f"Pod/{RELEASE}-heavylift-test"]

    assert environment(api)["HEAVYLIFT_API_FIRST_KEY_FILE"] == "/etc/heavylift/key/first-key"
    assert _mounted(api)["/etc/heavylift/key"] == _mounted(test)["/key"] == f"{NAME}-key"
    assert _made(rendered) not in str([api, test])


def test_a_secret_that_is_there_is_taken_and_none_is_made() -> None:
    rendered = render({"api": {"firstKey": {"existingSecret": "mine", "key": "heavy"}}})
    api = rendered.pods()[f"Deployment/{NAME}"]

    assert not rendered.has("Secret", f"{NAME}-key")
    (volume,) = [volume for volume in api["volumes"] if volume["name"] == "first-key"]
    assert volume["secret"] == {"secretName": "mine", "items": [{"key": "heavy", "path": "first-key"}], "defaultMode": 0o440}


def _made(rendered: Rendered) -> str:
    return base64.b64decode(rendered.one("Secret", f"{NAME}-key")["data"]["first-key"]).decode()
