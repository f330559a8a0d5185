"""Keys with two processes of the API, as a Service of Kubernetes has them."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from heavylift.access import Scope, new_key
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.eventually import eventually
from tests.support.keys import bearer, make_key

AGE = 1.0  #: Seconds within which every process is to know of a change.

Start = Callable[..., list[ApiProcess]]


@pytest.fixture
def start(redis_server: EmbeddedRedis, store: RedisStore, namespace: str) -> Iterator[Start]:
    """Starts two processes that ask for keys, at the same time."""
    with ExitStack() as opened:

        def started(**settings: str) -> list[ApiProcess]:
            asked = {"HEAVYLIFT_AUTH": "on", "HEAVYLIFT_API_KEY_AGE": str(AGE)} | settings
            processes = [ApiProcess(redis_server.url, namespace, **asked) for _ in range(2)]
            for process in processes:
                opened.callback(process.stop)
                process.launch()
            for process in processes:
                eventually(process.is_ready, within=30, claim="readiness")
            return processes

        yield started


def _status(process: ApiProcess, key: str) -> int:
    return httpx.get(f"{process.base}/v1/tasks", headers=bearer(key), timeout=5).status_code


def test_a_key_counts_everywhere_from_its_making_and_nowhere_soon_after_it_was_revoked(start: Start, store: RedisStore) -> None:
    admin = make_key(store, Scope.ADMIN)
    one, other = start()

    for _ in range(3):
        # A key that one process has made is good at the other in the next moment
        body = {"name": "shop", "scopes": ["read"]}
        made = httpx.post(f"{one.base}/v1/keys", json=body, headers=bearer(admin)).json()
        assert [_status(process, made["key"]) for process in (other, one)] == [200, 200]

        # And what one has revoked is refused by both within the age that is set
        httpx.delete(f"{other.base}/v1/keys/{made['id']}", headers=bearer(admin)).raise_for_status()
        revoked = time.monotonic()
        eventually(
            lambda key=made["key"]: {_status(process, key) for process in (one, other)},
            holds=lambda said: said == {401},
            within=5,
        )
        assert time.monotonic() - revoked < AGE + 0.5


def test_of_two_that_begin_together_one_makes_the_first_key_and_tells_it(start: Start, store: RedisStore) -> None:
    processes = start()
    logs = "".join(process.log() for process in processes)

    (told,) = re.findall(r"hl_[0-9a-z]{12}_\w+", logs)

    assert [_status(process, told) for process in processes] == [200, 200]
    assert len(store.run(calls.ReadKeys()).keys or ()) == 1


def test_both_take_the_first_key_of_the_same_file_and_tell_it_nobody(start: Start, store: RedisStore, tmp_path: Path) -> None:
    key, file = new_key(), tmp_path / "key"
    file.write_text(key.text)

    processes = start(HEAVYLIFT_API_FIRST_KEY_FILE=str(file))

    assert [_status(process, key.text) for process in processes] == [200, 200]
    assert [known.id for known in store.run(calls.ReadKeys()).keys or ()] == [key.id]
    assert all(key.text[16:] not in process.log() for process in processes)


def test_no_key_is_ever_logged(start: Start, store: RedisStore) -> None:
    keys = [make_key(store, scope) for scope in Scope]
    bad = [new_key(), new_key(keys[0].id), *(make_key(store, Scope.READ, lifetime=0.001) for _ in range(2))]
    processes = start(HEAVYLIFT_TELEMETRY_LOG_LEVEL="debug")

    for process in processes:
        for key in (*keys, *bad):
            for path in ("/v1/tasks", "/v1/keys", "/v1/nothing"):
                httpx.get(f"{process.base}{path}", headers=bearer(key) | {"X-Request-Id": f"of-{key.id}"})
        httpx.post(f"{process.base}/v1/keys", json={"name": 1, "scopes": [keys[0].text]}, headers=bearer(keys[-1]))

    for process in processes:
        said = process.log()
        assert [key.id for key in (*keys, *bad) if key.text[16:] in said or key.digest in said] == []
        assert f"of-{bad[0].id}" in said
        assert f'"key": "{keys[0].id}"' in said, "the id of a key is no secret, and tells who called"
