"""The servers of the chart keep what they acknowledged and soon have a primary again, whatever happens to them.

All tests hurt the same three pods, one after the other: each begins when the last one is healed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.support.eventually import eventually
from tests.support.redis_pods import NAME, RedisPod, RedisPods
from tests.support.redis_writer import RedisWriter

HARM: Final = ("FLUSHALL", "FLUSHDB", "CONFIG GET dir", "KEYS *", "SHUTDOWN", "ACL LIST", "SET other 1", "REPLICAOF NO ONE")


@dataclass(frozen=True)
class FirstStart:
    """Three pods that had never run, and what they were like while the third was missing and when it had come."""

    pods: RedisPods
    said: str
    alone: list[str | None]
    together: list[str | None]
    named: set[str | None]


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstStart]:
    pods = RedisPods(tmp_path_factory.mktemp("pods"))
    with pods.ended():
        early, late = pods.pods[:2], pods.pods[2]
        for pod in early:
            pod.start()
        said = eventually(early[0].readiness, holds=lambda said: said.count(NAME) == 1, within=30, claim="one who is missed")
        alone = [pod.role() for pod in early]
        late.start()
        pods.settled()
        yield FirstStart(pods, said, alone, [pod.role() for pod in pods.pods], {pod.named_by_sentinel() for pod in pods.pods})


@pytest.fixture
def pods(first_start: FirstStart) -> RedisPods:
    """Three pods: a primary, and two that follow it."""
    first_start.pods.heal()
    first_start.pods.settled()
    return first_start.pods


@pytest.fixture
def primary(pods: RedisPods) -> RedisPod:
    found = pods.primary()
    assert found is not None
    return found


def test_at_the_first_start_nobody_begins_without_the_others_for_they_may_have_the_data(first_start: FirstStart) -> None:
    assert first_start.said.endswith(f"the first start needs the word of all; silent: {NAME}-2")
    assert first_start.alone == [None, None]


def test_at_the_first_start_they_agree_on_the_first_pod(first_start: FirstStart) -> None:
    assert first_start.together == ["master", "slave", "slave"]
    assert first_start.named == {first_start.pods.addresses[0]}


def test_at_the_first_start_those_who_come_later_agree_with_the_one_that_has_begun(tmp_path: Path) -> None:
    pods = RedisPods(tmp_path, {"waitForPrimary": 300})
    with pods.ended():
        # Given three that had never run, of which the second has begun to follow the first
        for pod in pods.pods:
            pod.start_container("sentinel")
        first, second, third = pods.pods
        second.start_container("redis")
        eventually(second.role, holds=lambda role: role == "slave", within=30)

        # When the first and the third come, and neither holds anything
        for pod in (first, third):
            pod.start_container("redis")

        # Then they do not wait for each other
        assert pods.settled() is first


def test_a_primary_that_dies_is_replaced_and_nothing_acknowledged_is_lost(pods: RedisPods, primary: RedisPod) -> None:
    with RedisWriter(pods) as writer:
        writer.goes_on()

        # When the node of the primary goes
        primary.kill()
        successor = pods.replaced(primary)
        writer.goes_on()

    # Then a server that followed has all of it, and the old one follows when it is back
    assert writer.lost(successor.client()) == set()
    primary.start()
    assert pods.settled() is successor


def test_a_primary_whose_process_dies_comes_back_with_its_data(pods: RedisPods, primary: RedisPod) -> None:
    with RedisWriter(pods) as writer:
        writer.goes_on()

        # When the container is started again before anybody holds it for dead
        primary.kill("redis")
        primary.start_container("redis")
        writer.goes_on()

    assert pods.settled() is primary
    assert writer.lost(primary.client()) == set()


def test_what_scripts_wrote_is_there_again_after_a_restart(pods: RedisPods, primary: RedisPod) -> None:
    # Given what a script has written, which Redis puts into its file between MULTI and EXEC
    primary.client().eval("for n = 1, 3 do redis.call('set', KEYS[1] .. n, n) end", 1, "heavylift:{p0}:scripted:")

    # When the container is started again before anybody holds it for dead
    primary.kill("redis")
    primary.start_container("redis")

    # Then it has read all of that
    assert pods.settled() is primary
    assert len(primary.client().keys("heavylift:{p0}:scripted:*")) == 3


def test_a_primary_that_comes_back_empty_waits_and_wipes_nobody(pods: RedisPods, primary: RedisPod) -> None:
    with RedisWriter(pods) as writer:
        writer.goes_on()

    # When it has lost its data and is back at once
    primary.kill("redis")
    primary.lose_volume()
    primary.start_container("redis")

    # Then it waits and says why, until another is the primary, and follows that one
    eventually(primary.readiness, holds=lambda said: "it has no data" in said, claim="the reason for which it waits")
    successor = pods.replaced(primary)
    assert pods.settled() is successor
    assert writer.lost(successor.client()) == set()
    assert writer.lost(primary.client()) == set()


def test_a_primary_that_hangs_is_replaced_and_does_not_come_back_as_one(pods: RedisPods, primary: RedisPod) -> None:
    with RedisWriter(pods) as writer:
        writer.goes_on()

        with primary.hung():
            successor = pods.replaced(primary)
        writer.goes_on()

    assert pods.settled() is successor
    assert writer.lost(successor.client()) == set()


def test_a_planned_stop_hands_over_first_and_loses_nothing(pods: RedisPods, primary: RedisPod) -> None:
    with RedisWriter(pods) as writer:
        writer.goes_on()

        # When the pod of the primary is deleted, as in a rolling upgrade
        primary.delete()
        writer.goes_on()

    # Then writers stood still for a moment, far less than the 40 seconds for which the hook would hold them
    successor = pods.replaced(primary)
    assert writer.lost(successor.client()) == set()
    assert writer.gap < 20


def test_only_a_process_that_answers_is_alive(pods: RedisPods, primary: RedisPod) -> None:
    replica = next(pod for pod in pods.pods if pod is not primary)
    assert [replica.run_script("alive.sh", container).returncode for container in ("redis", "sentinel")] == [0, 0]

    replica.kill("sentinel")
    with replica.hung():
        hung = replica.run_script("alive.sh", "redis", ALIVE_PATIENCE="0.5")
    gone = replica.run_script("alive.sh", "sentinel")

    assert (hung.returncode, hung.stdout) == (1, "the redis gives no answer\n")
    assert gone.returncode == 1
    assert gone.stdout.startswith("the sentinel gives no answer: Could not connect")
    replica.start_container("sentinel")


def test_who_waits_for_a_primary_that_hands_over_is_sent_away_as_soon_as_another_takes_writes(
    pods: RedisPods, primary: RedisPod
) -> None:
    # Given the hook of a primary that is about to be stopped, and is not yet
    hook = primary.begin_to_hand_over()

    # When somebody writes, who would wait for as long as writes are held back
    with primary.client("api", patience=20) as client, pytest.raises(redis.exceptions.ConnectionError, match="closed"):
        eventually(lambda: client.rpush("heavylift:test:handed-over", 1), holds=lambda _: False, within=20)

    # Then another takes writes at once, and the hook has nothing else to wait for
    successor = pods.replaced(primary)
    assert successor.client("api").rpush("heavylift:test:handed-over", 2)
    assert hook.wait(timeout=5) == 0
    primary.kill()


def test_a_primary_that_is_the_last_to_be_stopped_waits_for_nobody(pods: RedisPods, primary: RedisPod) -> None:
    for pod in pods.pods:
        if pod is not primary:
            pod.kill()

    hook = primary.begin_to_hand_over()

    assert hook.wait(timeout=20) == 0  # and not the 40 seconds that another would have to take over
    primary.kill()


def test_a_replica_hands_nothing_over_when_it_is_stopped(pods: RedisPods, primary: RedisPod) -> None:
    replica = next(pod for pod in pods.pods if pod is not primary)

    replica.delete()

    assert pods.primary() is primary


def test_all_pods_at_once_come_back_with_what_they_had(pods: RedisPods, primary: RedisPod) -> None:
    with RedisWriter(pods) as writer:
        writer.goes_on()

    pods.stop()
    pods.start()

    found = pods.settled()
    assert writer.lost(found.client()) == set()


def test_those_who_followed_wait_for_a_primary_that_comes_back_late(pods: RedisPods, primary: RedisPod) -> None:
    # Given that all are gone, and the primary alone has what was written last
    writer = _fallen(pods, primary)

    # When the others are back, and the sentinels hold the primary for dead
    followers = [pod for pod in pods.pods if pod is not primary]
    for pod in followers:
        pod.start()
    for pod in followers:
        eventually(pod.readiness, holds=lambda said: f"the primary {primary.address} does not answer" in said, within=30)
        eventually(pod.holds_primary_for_dead, within=10, claim="the agreement that the primary is dead")

    # Then nobody takes its place before it is back with all that it had
    primary.start()
    assert pods.settled() is primary
    assert _newest(primary, writer) == "the last"
    assert writer.lost(primary.client()) == set()


def test_a_primary_that_never_comes_back_is_waited_for_so_long_and_no_longer(pods: RedisPods, primary: RedisPod) -> None:
    # Given that all are gone
    writer = _fallen(pods, primary)

    # When the others are back, and the primary is not
    for pod in pods.pods:
        if pod is not primary:
            pod.start()

    # Then another goes on with what it had
    successor = pods.replaced(primary, within=60)
    assert _newest(successor, writer) != "the last"
    primary.start()
    assert pods.settled() is successor


def _fallen(pods: RedisPods, primary: RedisPod) -> RedisWriter:
    """Stop all of them, the primary last, which has taken "the last" when no replica was left."""
    with RedisWriter(pods) as writer:
        writer.goes_on()
    for pod in pods.pods:
        if pod is not primary:
            pod.kill()
    primary.client().config_set("min-replicas-to-write", 0)
    primary.client().rpush(writer.key, "the last")
    pods.stop()
    return writer


def _newest(pod: RedisPod, writer: RedisWriter) -> Any:
    """The last that this one has. It is only read: who has just been named takes no writes before another follows."""
    return pod.client().lindex(writer.key, -1)


def test_servers_that_come_back_with_the_addresses_of_others_have_what_they_had(pods: RedisPods, primary: RedisPod) -> None:
    # Given a release that was removed, with what a replica has not got
    writer = _fallen(pods, primary)

    # When it is installed again over the same volumes, and its Services have other addresses
    pods.move()
    pods.start()

    # Then the same server is the primary, and nothing is gone
    assert pods.settled() is primary
    assert _newest(primary, writer) == "the last"
    assert writer.lost(primary.client()) == set()


def test_a_sentinel_that_has_forgotten_all_is_told_and_is_the_one_it_was(pods: RedisPods, primary: RedisPod) -> None:
    replica = next(pod for pod in pods.pods if pod is not primary)
    known = _sentinels(primary)

    replica.kill()
    replica.lose_volume()
    replica.start()

    assert pods.settled() is primary
    eventually(lambda: _sentinels(primary), holds=lambda seen: seen == known, claim="the same two others")
    eventually(replica.named_by_sentinel, holds=lambda named: named == primary.address)


def _sentinels(pod: RedisPod) -> set[str]:
    """The identities of the other sentinels that the one of this pod knows."""
    with pod.sentinel() as client:
        return {other["runid"] for other in client.sentinel_sentinels("heavylift")}


@pytest.mark.parametrize("user", ["api", "worker"])
def test_who_submits_or_runs_tasks_can_do_no_harm_to_the_rest(primary: RedisPod, user: str) -> None:
    for command in HARM:
        with primary.client(user) as client, pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command(*command.split(" "))


def test_nobody_gets_in_without_a_password(pods: RedisPods, primary: RedisPod) -> None:
    for port in (6379, 26379):
        with redis.Redis(primary.address, port, retry=Retry(NoBackoff(), 0)) as client, pytest.raises(redis.AuthenticationError):
            client.ping()


@pytest.mark.parametrize("user", ["api", "worker"])
def test_who_asks_a_sentinel_cannot_make_it_do_anything(pods: RedisPods, primary: RedisPod, user: str) -> None:
    with primary.sentinel(user) as client:
        assert client.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", "heavylift")
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command("SENTINEL FAILOVER", "heavylift")


def test_no_password_is_in_the_arguments_of_a_process(pods: RedisPods) -> None:
    for pod in pods.pods:
        for process in pod.processes.values():
            arguments = Path(f"/proc/{process.pid}/cmdline").read_text()
            assert "$1" not in arguments, arguments
