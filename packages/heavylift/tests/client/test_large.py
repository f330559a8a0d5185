"""What is too large to be shown with its task: a client fetches it by itself, through the API or by its link."""

import asyncio
import hashlib
import json
from typing import Any

import obstore
import pytest

from heavylift.claim_check import ClaimCheck
from heavylift.client import AsyncClient, Client
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.api import ApiProcess
from tests.support.kinds import KINDS
from tests.support.object_stores import S3Server, environment

TEXT = "ä" * 4096


@pytest.mark.parametrize("hand_out", ["stream", "link"])
def test_a_large_payload_goes_and_a_large_result_comes_as_any_other(
    redis_server: EmbeddedRedis, redis_store: RedisStore, namespace: str, s3_server: S3Server, hand_out: str
) -> None:
    redis_store.run(calls.Publish(KINDS))
    variables = environment(s3_server.values(namespace, inline_limit=2048)) | {"HEAVYLIFT_API_HAND_OUT": hand_out}
    with ApiProcess(redis_server.url, namespace, **variables) as api, Client(api.base, timeout=60) as client:
        task = client.submit("demo.anything", {"text": TEXT})
        content = _end_with(redis_store, s3_server, namespace, {"rows": TEXT})

        assert task.result(timeout=10) == {"rows": TEXT}
        read = task.read()
        assert (read.payload, read.result) == (None, None)
        assert read.result_object is not None
        assert read.result_object.sha256 == hashlib.sha256(content).hexdigest()
        assert asyncio.run(_result(api.base, task.id)) == {"rows": TEXT}


async def _result(url: str, id_: str) -> Any:
    async with AsyncClient(url) as client:
        return await client.task(id_).result(timeout=10)


def _end_with(store: RedisStore, server: S3Server, namespace: str, result: Any) -> bytes:
    """Run the task, as a worker does; the JSON of its result, which is put away."""
    store.run(calls.Register("w1", ("default",), 60.0, {}))
    (delivery,) = store.run(calls.Claim.of("w1", ("default",)))
    content = json.dumps(result).encode()
    check = ClaimCheck("2026-01-01/mine", len(content), hashlib.sha256(content).hexdigest())
    obstore.put(server.client(namespace), check.name, content)
    assert store.run(calls.Complete((calls.Ended(delivery.id, delivery.fence, Succeeded(check.text)),))) == (True,)
    return content
