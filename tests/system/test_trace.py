"""One task, from the HTTP request over its wait to its run, is one trace."""

import httpx

from heavylift.local.redis_server import EmbeddedRedis
from tests.support.api import ApiProcess
from tests.support.eventually import eventually
from tests.support.otlp import OtlpReceiver
from tests.support.worker import WorkerProcess

INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_task_is_one_trace_from_the_request_to_the_run(
    redis_server: EmbeddedRedis, namespace: str, otlp_receiver: OtlpReceiver
) -> None:
    endpoint = {"HEAVYLIFT_TELEMETRY_OTLP_ENDPOINT": otlp_receiver.endpoint}
    with (
        WorkerProcess(redis_server.url, namespace, **endpoint) as worker,
        ApiProcess(redis_server.url, namespace, **endpoint) as api,
    ):
        body = {"kind": "sample.add", "payload": {"a": 1, "b": 2}}
        answer = httpx.post(f"{api.base}/v1/tasks", json=body, headers={"traceparent": INCOMING}).json()
        httpx.get(f"{api.base}{answer['href']}", params={"wait": 10}).raise_for_status()
        spans = {
            name: eventually(lambda name=name: otlp_receiver.named(name), claim=f"the span {name}")[0]
            for name in ("POST /v1/tasks", "send default", "wait default", "process default")
        }

        assert answer["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
        assert {span.trace_id for span in spans.values()} == {answer["trace_id"]}
        assert spans["POST /v1/tasks"].parent_id == "b7ad6b7169203331"
        assert spans["send default"].parent_id == spans["POST /v1/tasks"].span_id
        assert spans["wait default"].parent_id == spans["send default"].span_id
        assert spans["process default"].parent_id == spans["send default"].span_id
        assert spans["process default"].attributes["messaging.message.id"] == answer["id"]
        assert answer["trace_id"] in worker.log()
        assert answer["trace_id"] in api.log()


def test_the_run_that_killed_its_worker_is_in_the_trace_too(
    redis_server: EmbeddedRedis, namespace: str, otlp_receiver: OtlpReceiver, tmp_path: object
) -> None:
    endpoint = {"HEAVYLIFT_TELEMETRY_OTLP_ENDPOINT": otlp_receiver.endpoint}
    with (
        WorkerProcess(redis_server.url, namespace, **endpoint),
        ApiProcess(redis_server.url, namespace, **endpoint) as api,
    ):
        body = {"kind": "sample.die_once", "payload": {"path": f"{tmp_path}/deaths"}}
        answer = httpx.post(f"{api.base}/v1/tasks", json=body).json()
        attempts = eventually(
            lambda: otlp_receiver.named("process default"), holds=lambda seen: len(seen) == 2, claim="the spans of both runs"
        )

    killed, succeeded = sorted(attempts, key=lambda span: not span.failed)
    assert {killed.trace_id, succeeded.trace_id} == {answer["trace_id"]}
    assert killed.parent_id == succeeded.parent_id
    assert killed.attributes["task.result"] == "error"
    assert "SIGKILL" in killed.message
    assert not succeeded.failed
