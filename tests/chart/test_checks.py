"""Values that contradict each other are refused in a sentence that names the key; wrong ones with their path."""

from typing import Any

import pytest

from tests.support.chart import refusal, render

OPEN = {"networkPolicy": {"api": {"from": [{"podSelector": {}}]}}}
OUTSIDE = {"redis": {"enabled": False}}
NO_ENGINE: dict[str, Any] = {"autoscaling": {"engine": "none"}}
NO_CHILDREN = {"concurrency": 0, "asyncioChildren": 0}

CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"externalRedis": {"url": "redis://a"}}, "redis.enabled is true and externalRedis names another Redis"),
    (OUTSIDE, "redis.enabled is false and externalRedis names none; give externalRedis.url"),
    (OUTSIDE | {"externalRedis": {"url": "redis://a:b@c"}}, "externalRedis.url holds a password"),
    (OUTSIDE | {"externalRedis": {"url": "redis://a", "urlKey": "b", "existingSecret": "c"}}, "externalRedis has url and urlKey"),
    (OUTSIDE | {"externalRedis": {"urlKey": "url"}}, "give externalRedis.existingSecret"),
    (
        {"redis": {"enabled": False, "backup": {"enabled": True}}, "externalRedis": {"url": "redis://a"}},
        "redis.backup.enabled is true and redis.enabled is false",
    ),
    ({"redis": {"minReplicasToWrite": 3}}, "nothing could ever be written"),
    ({"redis": {"tls": {"existingSecret": "a"}}}, "redis.tls.enabled is false; set it to true"),
    ({"redis": {"replicas": 1, "haproxy": {"enabled": True}}}, "there is no primary to follow"),
    ({"redis": {"haproxy": {"forAll": True}}}, "redis.haproxy.forAll is true and redis.haproxy.enabled is false"),
    (
        {"redis": {"enabled": False, "haproxy": {"enabled": True}}, "externalRedis": {"url": "redis://a"}},
        "redis.haproxy.enabled is true and redis.enabled is false",
    ),
    ({"api": {"autoscaling": {"enabled": True, "minReplicas": 20}}}, "api.autoscaling.minReplicas is more than"),
    ({"api": {"service": {"nodePort": 30000}}}, "set the type to NodePort"),
    ({"api": {"ingress": {"enabled": True}}} | OPEN, "api.ingress.hosts is empty"),
    ({"api": {"httpRoute": {"enabled": True}}} | OPEN, "api.httpRoute.parentRefs is empty"),
    ({"api": {"service": {"type": "LoadBalancer"}}}, "networkPolicy.api.from lets nobody in"),
    ({"api": {"settings": {"host": "127.0.0.1"}}}, "set it to 0.0.0.0"),
    ({"api": {"settings": {"port": 0}}}, "api.settings.port is 0"),
    ({"worker": {"http": {"settings": {"host": "localhost"}}}}, "pools.default.http.settings.host is localhost"),
    ({"worker": {"http": {"settings": {"port": 0}}}}, "pools.default.http.settings.port is 0"),
    ({"pools": {"gpu": {"scaling": {"minReplicas": 11}}}}, "pools.gpu.scaling.minReplicas is more than maxReplicas"),
    ({"pools": {"gpu": {"settings": NO_CHILDREN}}}, "pools.gpu.settings has no children"),
    ({"redis": {"maxMemory": "1gb"}}, "redis.maxMemory is 1gb and redis.resources.limits.memory is 1Gi"),
    ({"redis": {"resources": {"limits": {"memory": 734003200}}}}, "redis.resources.limits.memory is 734003200"),
    ({"redis": {"persistence": {"size": "700M"}}}, "redis.maxMemory is 700mb and redis.persistence.size is 700M"),
    ({"pools": {"gpu": {"rollout": {"maxSurge": "0%"}}}}, "pools.gpu.rollout.maxSurge and maxUnavailable are both 0"),
    ({"monitoring": {"scrape": {"enabled": True}}}, "name the namespace of Prometheus there"),
    ({"autoscaling": {"engine": "keda"}}, "name the namespace of KEDA there"),
    (
        NO_ENGINE | {"pools": {"gpu": {"scaling": {"enabled": True}, "settings": {"queues": ["gpu"]}}}},
        "pools.gpu.scaling.enabled is true and autoscaling.engine is none",
    ),
    ({"pools": {"gpu": {"settings": {"queues": ["a", "default=2"]}}}}, "both take from the queue default"),
    ({"worker": {"scaling": {"enabled": False}}}, "autoscaling.engine is controller and no pool has scaling.enabled"),
    ({"autoscaler": {"http": {"settings": {"host": "localhost"}}}}, "autoscaler.http.settings.host is localhost"),
    ({"autoscaler": {"http": {"settings": {"port": 0}}}}, "autoscaler.http.settings.port is 0"),
    (OUTSIDE | {"externalRedis": {"url": "rediss://me@a:6380/1"}}, "externalRedis.url leads to port 6380"),
    (OUTSIDE | {"externalRedis": {"url": "redis+sentinel://a,b:5000/mymaster"}}, "externalRedis.url leads to port 5000"),
    ({"scheduler": {"http": {"settings": {"host": "localhost"}}}}, "scheduler.http.settings.host is localhost"),
    ({"scheduler": {"http": {"settings": {"port": 0}}}}, "scheduler.http.settings.port is 0"),
    ({"objectStorage": {"existingSecret": "s3"}}, "objectStorage.existingSecret is given and no object store"),
    ({"objectStorage": {"settings": {"url": "file:///data"}}}, "a folder, which pods do not share"),
    ({"objectStorage": {"settings": {"url": "s3://a", "endpoint": "http://minio:9000"}}}, "add it to objectStorage.ports"),
    (
        {"objectStorage": {"settings": {"url": "s3://a"}}, "api": {"settings": {"readerMemory": 400}}},
        "api.resources.limits.memory is 512Mi, where api.settings.readerMemory",
    ),
]


@pytest.mark.parametrize(("values", "sentence"), CONTRADICTIONS, ids=[sentence for _, sentence in CONTRADICTIONS])
def test_a_contradiction_is_refused_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(values)


def test_all_contradictions_are_told_at_once() -> None:
    told = refusal({"scheduler": {"http": {"settings": {"port": 0}}}, "redis": {"minReplicasToWrite": 5}})

    assert "scheduler.http.settings.port" in told
    assert "redis.minReplicasToWrite" in told


@pytest.mark.parametrize("major", [3, 4])
@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"api": {"replicas": "two"}}, "api.replicas"),
        ({"api": {"replica": 2}}, "replica"),
        ({"api": {"settings": {"bodyLimit": 3}}}, "api.settings.bodyLimit"),
        ({"redis": {"downAfter": 1}}, "redis.downAfter"),
        ({"redis": {"replicas": 2}}, "redis.replicas"),
        ({"pools": {"default": {"settings": {"lease": "long"}}}}, "pools.default.settings.lease"),
        ({"pools": {"GPU": {}}}, "GPU"),
        ({"autoscaling": {"engine": "hpa"}}, "autoscaling.engine"),
        ({"pools": {"default": {"scaling": {"wait": 0}}}}, "pools.default.scaling.wait"),
        ({"worker": {"scaling": {"wait": -1}}}, "worker.scaling.wait"),
        ({"worker": {"scaling": {"utilisation": 2}}}, "worker.scaling.utilisation"),
        ({"autoscaler": {"settings": {"engine": "keda"}}}, "engine"),
        ({"autoscaler": {"replicas": 0}}, "autoscaler.replicas"),
        ({"externalRedis": {"url": "http://redis"}}, "externalRedis.url"),
    ],
)
def test_a_wrong_value_is_told_with_its_path(values: dict[str, Any], path: str, major: int) -> None:
    assert path in refusal(values, major=major).replace("/", ".")


@pytest.mark.parametrize("url", ["redis://a", "redis://me@a:6379/0", "redis+sentinel://a,b:26379/mymaster?x=a:1"])
def test_the_usual_ports_of_an_external_redis_are_open(url: str) -> None:
    render(OUTSIDE | {"externalRedis": {"url": url}})


@pytest.mark.parametrize("limit", ["701Mi", "740M", "1Gi", "0.7Gi", 734003201])
def test_more_memory_than_redis_may_fill_is_no_contradiction(limit: str | int) -> None:
    render({"redis": {"maxMemory": "700mb", "resources": {"limits": {"memory": limit}}}})


def test_what_is_not_used_may_stay_as_it_is() -> None:
    render({"api": {"autoscaling": {"enabled": False, "minReplicas": 20}}})
    render({"pools": {"default": {"scaling": {"minReplicas": 3, "wait": 5}}}})


@pytest.mark.parametrize("scaled", [{}, NO_ENGINE])
def test_two_pools_that_nobody_scales_may_share_a_queue(scaled: dict[str, Any]) -> None:
    shared = {"settings": {"queues": ["mail"]}, "scaling": {"enabled": False}}

    render(scaled | {"pools": {"one": shared, "two": shared}})
