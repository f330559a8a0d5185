"""One address for Redis: all of ours come through HAProxy, and Redis loses its primary."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.support import images
from tests.e2e.support.cluster import Cluster
from tests.e2e.support.goals import PLANNED, PRIMARY_LOST, allowed
from tests.e2e.support.installing import installed
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target
from tests.e2e.support.trial import Trial

HANG = 20  #: Seconds for which the primary says nothing: more than the sentinels wait.


@pytest.fixture(scope="module")
def behind(target: Target, namespace: Callable[[str], Cluster]) -> Iterator[Stand]:
    """Heavylift, installed, with HAProxy between all of ours and Redis."""
    target.load(images.build_haproxy(target.tag))
    cluster = namespace("heavylift-e2e-behind")
    image = {"repository": images.HAPROXY, "tag": target.tag}
    haproxy = {"enabled": True, "forAll": True, "image": image}
    with installed(target, cluster, "behind", settings={"redis.haproxy": haproxy}) as stand:
        yield stand
    cluster.remove_namespace()


@pytest.fixture
def trial(behind: Stand) -> Iterator[Trial]:
    """A load on it, to be hurt, and a verdict."""
    with Trial(behind) as trial:
        yield trial


def test_a_task_goes_all_the_way_and_ours_come_to_redis_through_haproxy_only(behind: Stand):
    # When a task is submitted over the ingress
    with behind.connect() as entrance:
        (request,) = entrance.submit("demo.add", {"a": 2, "b": 3}).requests
        assert request.task, request.said

        # Then it is done
        assert entrance.read(request.task, wait=20)["result"] == 5

    # And whoever comes to Redis as the API or as a worker comes from a pod of HAProxy
    clients = re.findall(r" addr=(\S+):\d+ .* user=(\S+) ", behind.redis(behind.redis_primary(), "CLIENT", "LIST"))
    ours = {address for address, user in clients if user in ("api", "worker")}
    assert ours
    assert ours <= {behind.cluster.pod_address(pod) for pod in behind.pods("redis-haproxy")}


def test_nothing_is_lost_when_the_pod_of_the_primary_behind_haproxy_is_killed(
    behind: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        primary = behind.redis_primary()

        # When the primary's pod is gone without a word
        trial.strike(lambda: behind.cluster.kill_pod(primary))

    verdict = trial.verdict()
    record("through HAProxy: pod of the primary killed", verdict, goal=PRIMARY_LOST)
    assert verdict.sound, verdict
    assert verdict.gap_accepted <= allowed(PRIMARY_LOST)


def test_nothing_is_lost_when_the_primary_behind_haproxy_hangs(behind: Stand, trial: Trial, record: Callable[..., None]):
    # Given tasks that are submitted and run
    with trial.under_load():
        primary = behind.redis_primary()

        # When the primary says nothing for longer than the sentinels wait, and then wants to go on
        trial.strike(lambda: behind.hang_redis(primary, HANG))

    verdict = trial.verdict()
    record("through HAProxy: primary hangs for 20 s", verdict, goal=PRIMARY_LOST)
    assert verdict.sound, verdict
    assert verdict.gap_accepted <= allowed(PRIMARY_LOST)


def test_who_tries_once_more_does_not_notice_that_redis_behind_haproxy_is_replaced_pod_by_pod(
    behind: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When every pod of Redis is replaced, the primary's among them
        trial.strike(lambda: behind.cluster.restart("stateful_set", f"{behind.release.name}-heavylift-redis"))
        behind.cluster.await_rolled_out()

    verdict = trial.verdict()
    record("through HAProxy: Redis replaced pod by pod", verdict, goal=PLANNED)
    assert verdict.sound, verdict
    assert verdict.forsaken == 0
    assert verdict.gap_accepted <= allowed(PLANNED)


def test_who_tries_once_more_does_not_notice_that_pods_of_haproxy_are_killed_one_by_one(
    behind: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When the pods that all of ours come through are killed, each when the one before has come back
        for pod in behind.pods("redis-haproxy"):
            trial.strike(lambda pod=pod: behind.cluster.kill_pod(pod))
            behind.cluster.await_rolled_out()

    verdict = trial.verdict()
    record("pods of HAProxy killed one by one", verdict)
    assert verdict.sound, verdict
    assert verdict.forsaken == 0
