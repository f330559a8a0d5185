"""Who is let in nowhere."""

from tests.e2e.support import journal
from tests.e2e.support.stand import Stand
from tests.e2e.support.stranger import Door, open_doors, stranger
from tests.e2e.support.target import Target

REDIS, SENTINEL, API, WORKER = 6379, 26379, 8000, 9100


def test_a_stranger_reaches_neither_redis_nor_metrics_while_all_of_ours_works(stand: Stand, target: Target):
    redis = _doors(stand, "redis", REDIS, SENTINEL)
    metrics = _doors(stand, "api", API) | _doors(stand, "worker", WORKER)
    anybodys = (stand.cluster.pod_address(journal.NAME), REDIS)

    # When a pod of somebody else knocks everywhere
    with stranger(stand.cluster, target.tag) as pod:
        opened = open_doors(stand.cluster, pod, pod, {anybodys} | redis | metrics)

    # Then nothing of ours opens, which is not for want of a network
    assert opened == {anybodys}

    # And Redis opens to a worker, a task that comes over the ingress is done, and the chart's own test passes
    assert open_doors(stand.cluster, stand.pods("worker")[0], "worker", redis) == redis
    with stand.connect() as entrance:
        (request,) = entrance.submit("demo.add", {"a": 2, "b": 3}).requests
        assert request.task, request.said
        assert entrance.read(request.task, wait=20)["result"] == 5
        assert entrance.status("/metrics") == 404
    assert "Succeeded" in stand.release.test()


def _doors(stand: Stand, component: str, *ports: int) -> set[Door]:
    return {(stand.cluster.pod_address(pod), port) for pod in stand.pods(component) for port in ports}
